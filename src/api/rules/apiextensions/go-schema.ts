import type { Loose } from '../rule.ts';

/**
 * A version of a definition as kube-apiserver's messages show it: where JSON schema allows a schema or something else,
 * the Go types have a struct with a field for each.
 */
export function goVersion(version: Loose): Loose {
  const schema = version.schema?.openAPIV3Schema;
  return schema ? { ...version, schema: { ...version.schema, openAPIV3Schema: goSchema(schema) } } : version;
}

/** A schema in that form, with all schemas in it. */
export function goSchema(schema: Loose): Loose {
  if (typeof schema !== 'object' || schema === null) return schema;
  const out = { ...schema };
  for (const field of ['allOf', 'anyOf', 'oneOf']) if (out[field]) out[field] = out[field].map(goSchema);
  for (const field of ['properties', 'patternProperties', 'definitions']) mapValues(out, field, goSchema);
  mapValues(out, 'dependencies', goSchemaOrNames);
  for (const field of ['additionalProperties', 'additionalItems']) {
    if ((out[field] ?? null) !== null) out[field] = goSchemaOrBoolean(out[field]);
  }
  if (out.not) out.not = goSchema(out.not);
  if (out.items) out.items = goSchemaOrSchemas(out.items);
  return out;
}

function mapValues(holder: Loose, field: string, map: (value: Loose) => Loose): void {
  if (!holder[field]) return;
  holder[field] = Object.fromEntries(Object.entries(holder[field]).map(([key, value]) => [key, map(value)]));
}

function goSchemaOrNames(value: Loose): Loose {
  return Array.isArray(value) ? { property: value } : { schema: goSchema(value) };
}

function goSchemaOrBoolean(value: Loose): Loose {
  return typeof value === 'boolean' ? { allows: value } : { allows: true, schema: goSchema(value) };
}

function goSchemaOrSchemas(value: Loose): Loose {
  return Array.isArray(value) ? { jsonSchemas: value.map(goSchema) } : { schema: goSchema(value) };
}
