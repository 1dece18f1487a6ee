import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { descriptionFacts, openApiFacts, type SchemaFacts } from '../facts.ts';

/** Kinds that all groups have, of which a document names only those of its own group version and of the core. */
const shared = /\.meta\.v1\.(DeleteOptions|WatchEvent)$/;

/**
 * A component with its descriptions, as the document of a group version has it.
 *
 * @param groupVersion `apps/v1`, or `v1` for the core group
 */
export function describedSchema(name: string, groupVersion: string): JsonObject {
  const schema = withDescriptions(openApiFacts().schemas[name]!, descriptionFacts()[name] ?? {});
  if (!shared.test(name)) return schema;
  const kinds = schema['x-kubernetes-group-version-kind'] as JsonObject[];
  const own = kinds.filter(({ group, version }) => group === '' || `${group}/${version}` === groupVersion);
  return { ...schema, 'x-kubernetes-group-version-kind': own };
}

/** The schema with descriptions in front, its own and those of its properties. */
export function withDescriptions(schema: SchemaFacts, texts: Readonly<Record<string, string>>): JsonObject {
  const out = described(schema, texts['']);
  if (schema.properties === undefined) return out;
  const properties = Object.entries(schema.properties).map(([name, property]): [string, JsonValue] => [
    name,
    described(property, texts[name]),
  ]);
  return { ...out, properties: Object.fromEntries(properties) };
}

function described(schema: SchemaFacts, description: string | undefined): JsonObject {
  const bare = schema as unknown as JsonObject;
  return description === undefined ? { ...bare } : { description, ...bare };
}
