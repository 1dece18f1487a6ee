import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from 'nekube/apimachinery';

/** A leaf of a spec, for which values are looked for. */
export interface ValuedLeaf {
  readonly value?: JsonValue;
  readonly schema?: JsonObject;
}

/** An integer with so many values is tried with each. */
const SMALL_RANGE = 16;
/** Numbers that programs ask for most, besides those that the definition names. */
const USUAL = [0, 1, 2, 3, 5, 7, 10];
const MOST_WORDS = 12;

/**
 * Values that may mean something, besides the one that the leaf has: those of its enumeration; numbers at its bounds, or all if they are
 * few; words that its description, pattern, default or examples have.
 */
export function valuesOf({ value, schema = {} }: ValuedLeaf): readonly JsonValue[] {
  if (Array.isArray(schema.enum)) return without(schema.enum, value);
  if (schema.type === 'boolean' || typeof value === 'boolean') return without([true, false], value);
  const isNumber = schema.type === 'integer' || schema.type === 'number' || /^(number|bigint)$/.test(typeof value);
  if (isNumber) return without(numbersOf(value, schema), value);
  if (schema.type === 'string' || typeof value === 'string') return without(wordsOf(schema), value);
  return [];
}

function numbersOf(value: JsonValue | undefined, schema: JsonObject): number[] {
  const [low, high] = [boundOf(schema.minimum), boundOf(schema.maximum)];
  if (low !== undefined && high !== undefined && high - low <= SMALL_RANGE)
    return Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
  const own = Number(value ?? schema.default ?? 0);
  const told = [
    ...textsOf(schema)
      .join(' ')
      .matchAll(/(?<![\w.])\d{1,9}(?![\w.])/g),
  ].map(([text]) => Number(text));
  const named = [low, high, low === undefined ? undefined : low + 1, high === undefined ? undefined : high - 1];
  const all = [...told, ...named.filter((n) => n !== undefined), own + 1, own - 1, ...USUAL];
  return [...new Set(all)].filter((n) => n >= (low ?? 0) && n <= (high ?? Infinity)).slice(0, SMALL_RANGE);
}

function boundOf(value: JsonValue | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Words in quotes, and those that a pattern chooses from. */
function wordsOf(schema: JsonObject): string[] {
  const quoted = textsOf(schema).flatMap((text) =>
    [...text.matchAll(/(["'`])([^"'`\s]{1,40})\1/g)].map(([, , word]) => word!),
  );
  const { pattern } = schema;
  const choices = typeof pattern === 'string' ? [...pattern.matchAll(/[\w.-]+(\|[\w.-]+)+/g)] : [];
  const chosen = choices.flatMap(([text]) => text.split('|'));
  const listed = typeof schema.description === 'string' ? listedIn(schema.description) : [];
  const { default: usual, example } = schema;
  const plain = [usual, example].filter((one) => typeof one === 'string');
  return [...new Set([...plain, ...chosen, ...quoted, ...listed])].slice(0, MOST_WORDS);
}

/** `One of: red, green or gold.` */
function listedIn(text: string): string[] {
  const [, list] =
    /(?:one of|values are|either|can be|may be|allowed(?: values)?:?)[: ]+([\w.-]+(?:(?:, (?:or |and )?| or | and )[\w.-]+)+)/i.exec(
      text,
    ) ?? [];
  return list === undefined ? [] : list.split(/, (?:or |and )?| or | and /).map((word) => word.replace(/\.$/, ''));
}

function textsOf({ description, pattern, title }: JsonObject): string[] {
  return [description, pattern, title].filter((text) => typeof text === 'string');
}

function without(values: readonly JsonValue[], value: JsonValue | undefined): JsonValue[] {
  return values.filter((one) => !isJsonObject(one) && (value === undefined || !jsonEqual(one, value)));
}
