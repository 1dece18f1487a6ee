import { type FieldError, invalid, jsonEqual, type JsonObject, type JsonValue, Path } from 'nekube/apimachinery';
import { sortKeys } from '../sort-keys.ts';
import { CoerceError, coerceMeta, validateEmbedded } from './object-meta.ts';
import { hasDefault, prune } from './pruning.ts';
import { asResource, type StructuralSchema, TYPE_META } from './schema.ts';
import { validateBySchema } from './validation.ts';

/** Checks the rules in CEL of a schema against its default. */
export type DefaultRuleChecker = (
  value: JsonValue,
  schema: StructuralSchema,
  at: Path,
  isRoot: boolean,
) => FieldError[];

/** Where a schema stands. */
interface Place {
  /** The schema of the whole object around it. */
  readonly root: StructuralSchema;
  /** Within kind, apiVersion or metadata of that object. */
  readonly inMeta: boolean;
  /** The least object in which a value stands at this place. */
  around(value: JsonValue): JsonObject;
}

/**
 * The defects of the defaults of a structural schema: each must be valid by its own schema.
 *
 * @param pruned defaults must have no unknown fields
 */
export function defaultErrors(
  schema: StructuralSchema,
  path: Path,
  pruned: boolean,
  checkRules?: DefaultRuleChecker,
): FieldError[] {
  const errors: FieldError[] = [];
  const root = asResource(schema);
  const check = (part: StructuralSchema, at: Path, place: Place): void => {
    const here = part['x-kubernetes-embedded-resource'] ? wholeObject(part) : place;
    if (hasDefault(part)) errors.push(...errorsOfDefault(part, at, here, { pruned, checkRules }));
    if (part.items)
      check(
        part.items,
        at.child('items'),
        below(here, (value) => [value]),
      );
    for (const [key, property] of Object.entries(part.properties ?? {})) {
      const isMeta = part['x-kubernetes-embedded-resource'] === true && TYPE_META.includes(key);
      const inner = below(here, (value) => ({ [key]: value }), isMeta);
      check(property, at.child('properties').key(key), inner);
    }
  };
  check(root, path, wholeObject(root));
  return errors;
}

function wholeObject(root: StructuralSchema): Place {
  const around = (value: JsonValue): JsonObject => ({
    kind: 'Validation',
    apiVersion: 'validation/v1',
    ...(value as JsonObject),
  });
  return { root, inMeta: false, around };
}

function below(place: Place, wrap: (value: JsonValue) => JsonValue, isMeta = false): Place {
  return { root: place.root, inMeta: place.inMeta || isMeta, around: (value) => place.around(wrap(value)) };
}

interface DefaultOptions {
  readonly pruned: boolean;
  readonly checkRules: DefaultRuleChecker | undefined;
}

function errorsOfDefault(
  schema: StructuralSchema,
  path: Path,
  place: Place,
  { pruned, checkRules }: DefaultOptions,
): FieldError[] {
  const value = structuredClone(schema.default!);
  const at = path.child('default');
  const errors: FieldError[] = [];
  if (!place.inMeta && pruned && hasUnknownFields(value, schema))
    errors.push(invalid(at, sortKeys(value), 'must not have unknown fields'));
  const faults = place.inMeta ? metaFaults(value, at, place) : embeddedFaults(value, schema, at);
  if (faults.length > 0) return [...errors, ...faults];
  const defects = validateBySchema(value, schema, { at: `${at}`, lenient: true });
  if (defects.length > 0) return [...errors, ...defects];
  return [...errors, ...(checkRules?.(value, schema, at, schema === place.root) ?? [])];
}

function hasUnknownFields(value: JsonValue, schema: StructuralSchema): boolean {
  const copy = structuredClone(value);
  prune(copy, schema, schema['x-kubernetes-embedded-resource'] === true);
  return !jsonEqual(copy, value);
}

/** Within metadata a default must make a whole object whose metadata is good. */
function metaFaults(value: JsonValue, at: Path, place: Place): FieldError[] {
  const object = place.around(structuredClone(value));
  const refuse = (why: string) => [invalid(at, sortKeys(value), `must result in valid metadata: ${why}`)];
  try {
    coerceMeta(object, place.root, { dropInvalid: false, isResource: true });
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error;
    return refuse(error.message);
  }
  const errors = validateEmbedded(object, place.root, { isResource: true });
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  if (texts.length === 0) return [];
  return refuse(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}

function embeddedFaults(value: JsonValue, schema: StructuralSchema, at: Path): FieldError[] {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  try {
    coerceMeta(value, schema, { dropInvalid: false, isResource, at });
  } catch (error) {
    if (!(error instanceof CoerceError)) throw error;
    return [error.fault];
  }
  return validateEmbedded(value, schema, { isResource, at });
}
