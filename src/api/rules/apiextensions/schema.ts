import { type FieldError, forbidden, invalid, type Path } from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { Loose } from '../rule.ts';
import { goSchema } from './go-schema.ts';
import { walkSchema } from './internal.ts';
import { schemaPartErrors } from './schema-part.ts';
import { structuralErrors } from './structural.ts';

/** Go names of what may stand at the root of a schema when status is written apart. */
const allowedAtRoot =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';

/** The Go name of fields whose JSON name is not the same in lower case. */
const goNames: Readonly<Record<string, string>> = {
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

/** Fields that schemas of definitions do not have, and how their absence is demanded. */
const unsupported: readonly (readonly [field: string, shown: string])[] = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
];

/** Checks of a schema that are made where objects are served: values are validated there, and expressions compiled. */
export interface SchemaChecks {
  /** The defects of the defaults in a structural schema. `pruned` says that they may have no unknown fields. */
  defaults(schema: Loose, path: Path, pruned: boolean): FieldError[];
  /**
   * The defects of the rules in CEL in a schema whose defaults are good: those of a part of the schema only where
   * `isClean` says that nothing else is wrong with it. `unchanged` rules may cost what they cost.
   */
  rules(schema: Loose, path: Path, options: { isClean(part: Loose): boolean; unchanged: boolean }): FieldError[];
}

/** Whose schema is checked, and how. */
export interface SchemaOptions {
  /** Objects have a status of their own. */
  readonly hasStatus: boolean;
  readonly checks?: SchemaChecks | undefined;
  /** Defaults may have no unknown fields. */
  readonly prunedDefaults: boolean;
  /** The stored definition has the same schema. */
  readonly unchanged: boolean;
}

/** Checks the schema of a version, or of all. `holder` is what holds the schema as `openAPIV3Schema`. */
export function schemaErrors(holder: Loose, options: SchemaOptions, path: Path): FieldError[] {
  const schema = holder?.openAPIV3Schema;
  if (!schema) return [];
  const at = path.child('openAPIV3Schema');
  const errors: FieldError[] = [];
  if (options.hasStatus) checkRoot(schema, path, errors);
  if (schema.nullable)
    errors.push(forbidden(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'));
  const fault = unsupportedFault(schema);
  const faults = fault === undefined ? valueErrors(schema, options, at) : [];
  errors.push(...faults);
  const parts = schemaPartErrors(schema, at);
  errors.push(...parts.errors);
  if (fault === undefined && faults.length === 0) errors.push(...ruleErrors(schema, parts.clean, options, at));
  if (errors.length === 0 && fault !== undefined) errors.push(invalid(at, '', fault));
  return errors;
}

/** A schema that is not structural, or else defaults that do not fit it. */
function valueErrors(schema: Loose, { checks, prunedDefaults }: SchemaOptions, path: Path): FieldError[] {
  const structural = structuralErrors(schema, path);
  return structural.length > 0 ? structural : (checks?.defaults(schema, path, prunedDefaults) ?? []);
}

function ruleErrors(
  schema: Loose,
  clean: ReadonlySet<Loose>,
  { checks, unchanged }: SchemaOptions,
  path: Path,
): FieldError[] {
  return checks?.rules(schema, path, { isClean: (part) => clean.has(part), unchanged }) ?? [];
}

/** Only the first fault is reported. */
function checkRoot(schema: Loose, path: Path, errors: FieldError[]): void {
  const allowed = allowedAtRoot.split(' ');
  if (schema.type && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    errors.push(invalid(path.child('openAPIV3Schema.type'), schema.type, detail));
    return;
  }
  const goName = (field: string) => goNames[field] ?? field.slice(0, 1).toUpperCase() + field.slice(1);
  const bad = Object.entries(schema).some(([field, value]) => value && !allowed.includes(goName(field)));
  if (!bad) return;
  const list = allowed.join(' ');
  const detail = `only [${list}] fields are allowed at the root of the schema if the status subresource is enabled`;
  errors.push(invalidGo(path.child('openAPIV3Schema'), 'JSONSchemaProps', goSchema(schema), detail));
}

function unsupportedFault(schema: Loose): string | undefined {
  for (const part of walkSchema(schema)) {
    const found = unsupported.find(([field]) => isSet(part[field]));
    if (found) return `OpenAPIV3Schema '${found[1]}' is not supported`;
    if (part['x-kubernetes-preserve-unknown-fields'] === false) {
      return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
    }
    if (Array.isArray(part.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  return undefined;
}

function isSet(value: Loose): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
