import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from 'nekube/apimachinery';
import { valuesOf } from './values.ts';

/** A spec that differs from another in one leaf. */
export interface SpecVariant {
  /** Where, as a JSON pointer into the spec. */
  readonly path: string;
  readonly how: 'changed' | 'unset' | 'zero' | 'value' | 'long';
  /** The value that it has then; absent: none, or a long text. */
  readonly value?: JsonValue;
  readonly spec: JsonObject;
}

/** A leaf of a spec: a value that is no object and no list, or a list or map that has nothing in it. */
export interface SpecLeaf {
  readonly path: readonly (string | number)[];
  /** Absent: the sample does not have it, and its schema does. */
  readonly value?: JsonValue;
  /** Of the definition (apiextensions.k8s.io/v1 JSONSchemaProps); absent: it says nothing of it. */
  readonly schema?: JsonObject;
}

/**
 * The leaves of a sample, and those that only its schema has. What would stand in lists and maps that the sample leaves out is no leaf, but
 * each of these is one.
 *
 * @param schema of the spec (JSONSchemaProps of a CustomResourceDefinition)
 */
export function leavesOf(spec: JsonObject, schema: JsonObject | undefined): readonly SpecLeaf[] {
  return walk(spec, schema, []);
}

/**
 * Specs that differ from the sample in one leaf each: another value, none, the zero of its type; then those with the values that may mean
 * something, and at last, of a few leaves, a text that is longer than labels and names of hosts may be.
 */
export function variantsOf(
  spec: JsonObject,
  leaves: readonly SpecLeaf[],
  schema: JsonObject | undefined,
): readonly SpecVariant[] {
  const byLeaf = leaves.map((leaf) => {
    const path = pointerOf(leaf.path);
    const made = (how: SpecVariant['how'], value: JsonValue | undefined): SpecVariant[] => {
      if (value === undefined ? leaf.value === undefined : jsonEqual(value, leaf.value)) return [];
      const of = value === undefined ? {} : { value };
      const changed = withRequired(withLeaf(spec, leaf.path, value), spec, schema);
      return [{ path, how, ...of, spec: changed as JsonObject }];
    };
    const values = valuesOf(leaf);
    const few = isEnumerated(leaf) ? values : undefined;
    if (few !== undefined)
      return { first: few.flatMap((value) => made('value', value)), more: made('unset', undefined) };
    const [changed, zero] = [another(leaf), zeroOf(leaf)];
    const others = values.filter((value) => value !== changed && value !== zero);
    return {
      first: [...made('changed', changed), ...made('unset', undefined), ...made('zero', zero)],
      more: others.flatMap((value) => made('value', value)),
    };
  });
  const long = leaves.filter(takesLong).slice(0, MOST_LONG);
  return [
    ...byLeaf.flatMap(({ first }) => first),
    ...byLeaf.flatMap(({ more }) => more),
    ...long.map(({ path }): SpecVariant => {
      const changed = withRequired(withLeaf(spec, path, LONG), spec, schema);
      return { path: pointerOf(path), how: 'long', spec: changed as JsonObject };
    }),
  ];
}

/** Of so many leaves at most: those who use them as names fail then, and try again for long. */
const MOST_LONG = 8;
/** Longer than a label or the name of a host may be, which is 63. */
const LONG = 'audit'.repeat(14);

function takesLong(leaf: SpecLeaf): boolean {
  const { pattern, format, maxLength = LONG.length } = leaf.schema ?? {};
  const isFree = pattern === undefined && format === undefined && !isEnumerated(leaf);
  return isFree && typeOf(leaf) === 'string' && Number(maxLength) >= LONG.length;
}

/** A leaf's place, as a JSON pointer. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function walk(
  value: JsonValue | undefined,
  schema: JsonObject | undefined,
  path: readonly (string | number)[],
): SpecLeaf[] {
  if (isEmptyOf(value, schema)) return [{ path, ...(value !== undefined && { value }), schema: schema! }];
  if (Array.isArray(value)) {
    const items = isJsonObject(schema?.items) ? schema.items : undefined;
    return value.flatMap((item, i) => walk(item, items, [...path, i]));
  }
  const properties = isJsonObject(schema?.properties) ? schema.properties : {};
  if (isJsonObject(value) || (value === undefined && schema?.type === 'object')) {
    const names = new Set([...Object.keys(value ?? {}), ...Object.keys(properties)]);
    const additional = isJsonObject(schema?.additionalProperties) ? schema.additionalProperties : undefined;
    return [...names].flatMap((name) => {
      const of = isJsonObject(properties[name]) ? properties[name] : additional;
      return walk(isJsonObject(value) ? value[name] : undefined, of, [...path, name]);
    });
  }
  return [{ path, ...(value !== undefined && { value }), ...(schema && { schema }) }];
}

/** Whether it is a list or a map, of which the schema alone says what could be in it. */
function isEmptyOf(value: JsonValue | undefined, schema: JsonObject | undefined): boolean {
  if (schema?.type === 'array') return value === undefined || (Array.isArray(value) && value.length === 0);
  const isMap = schema?.type === 'object' && !isJsonObject(schema.properties);
  return isMap && (value === undefined || (isJsonObject(value) && Object.keys(value).length === 0));
}

/** Of what is deeper there is only what must be. */
const DEEPEST = 6;

/** A value that a schema allows, as far as that can be told: a list of one item, a map of one member, an object with all that it may have. */
export function exampleOf(schema: JsonObject): JsonValue {
  return exampleAt(schema, 0);
}

/** The same with what must be alone. */
export function leastExampleOf(schema: JsonObject): JsonValue {
  return exampleAt(schema, DEEPEST);
}

function exampleAt(schema: JsonObject, depth: number): JsonValue {
  if (Array.isArray(schema.enum)) return schema.enum[0]!;
  if (schema.default !== undefined) return schema.default;
  const isDeep = depth >= DEEPEST;
  const below = (of: JsonValue | undefined): JsonValue => exampleAt(isJsonObject(of) ? of : {}, depth + 1);
  switch (schema.type) {
    case 'array':
      return Array.from({ length: Math.max(isDeep ? 0 : 1, Number(schema.minItems ?? 0)) }, () => below(schema.items));
    case 'object': {
      if (!isJsonObject(schema.properties)) return isDeep ? {} : { audit: below(schema.additionalProperties) };
      const required = requiredIn(schema);
      const members = Object.entries(schema.properties).filter(([name]) => !isDeep || required.includes(name));
      return Object.fromEntries(members.map(([name, of]) => [name, below(of)])) as JsonObject;
    }
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return within(1, Number(schema.minimum ?? schema.maximum ?? 1), schema) ?? 1;
    default:
      return 'audit';
  }
}

function requiredIn({ required }: JsonObject): readonly JsonValue[] {
  return Array.isArray(required) ? required : [];
}

/** A value in which objects that were not there before have what they must have, too: else the server would refuse what is in them. */
function withRequired(
  value: JsonValue | undefined,
  before: JsonValue | undefined,
  schema: JsonValue | undefined,
): JsonValue | undefined {
  if (!isJsonObject(schema)) return value;
  if (Array.isArray(value))
    return value.map((item, i) => withRequired(item, Array.isArray(before) ? before[i] : undefined, schema.items)!);
  if (!isJsonObject(value) || !isJsonObject(schema.properties)) return value;
  const { properties } = schema;
  const old = isJsonObject(before) ? before : {};
  const lacks = requiredIn(schema).filter((name) => before === undefined && value[String(name)] === undefined);
  const added = lacks.map((name) => {
    const of = properties[String(name)];
    return [String(name), leastExampleOf(isJsonObject(of) ? of : {})] as const;
  });
  const kept = Object.entries(value).map(
    ([name, of]) => [name, withRequired(of, old[name], properties[name])] as const,
  );
  return Object.fromEntries([...kept, ...added]) as JsonObject;
}

/** Whether a leaf can have few values only. */
function isEnumerated({ schema, value }: SpecLeaf): boolean {
  return Array.isArray(schema?.enum) || schema?.type === 'boolean' || typeof value === 'boolean';
}

/** A value that the leaf does not have; undefined: there is none that the schema tells. */
export function another({ value, schema }: SpecLeaf): JsonValue | undefined {
  const type = typeOf({ value, schema } as SpecLeaf);
  if (type === 'number') return within(Number(value ?? schema?.default ?? 0) + 1, Number(value ?? 0) - 1, schema);
  if (schema?.type === 'array' || schema?.type === 'object') return exampleOf(schema);
  if (type !== 'string') return undefined;
  const text = typeof value === 'string' && value !== '' ? value : 'audit';
  // a suffix keeps most of what a text must look like; what the server refuses is counted
  return /[a-z]$/i.test(text) ? `${text}x` : text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}

function zeroOf(leaf: SpecLeaf): JsonValue | undefined {
  const type = typeOf(leaf);
  if (type === 'number') return within(0, undefined, leaf.schema);
  return type === 'string' ? '' : undefined;
}

function typeOf({ value, schema }: SpecLeaf): 'string' | 'number' | undefined {
  if (schema?.type === 'integer' || schema?.type === 'number' || typeof value === 'number' || typeof value === 'bigint')
    return 'number';
  return schema?.type === 'string' || typeof value === 'string' ? 'string' : undefined;
}

/** A number that the schema allows: the first one, or else the other. */
function within(first: number, other: number | undefined, schema: JsonObject | undefined): number | undefined {
  const isAllowed = (n: number): boolean =>
    n >= Number(schema?.minimum ?? -Infinity) && n <= Number(schema?.maximum ?? Infinity);
  return [first, other].find((n) => n !== undefined && isAllowed(n));
}

/** A spec with another value at a place; undefined: with none. */
export function withLeaf(
  value: JsonValue | undefined,
  [part, ...rest]: readonly (string | number)[],
  leaf: JsonValue | undefined,
): JsonValue | undefined {
  if (part === undefined) return leaf;
  if (Array.isArray(value)) {
    const changed = withLeaf(value[part as number], rest, leaf);
    return changed === undefined
      ? value.filter((_, i) => i !== part)
      : value.map((item, i) => (i === part ? changed : item));
  }
  const object = isJsonObject(value) ? value : {};
  const changed = withLeaf(object[part], rest, leaf);
  const others = Object.entries(object).filter(([name]) => name !== String(part));
  return Object.fromEntries(changed === undefined ? others : [...others, [part, changed]]) as JsonObject;
}
