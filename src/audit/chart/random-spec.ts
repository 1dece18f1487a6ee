import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';

/** Numbers from 0 to 1, below 1. */
export type Random = () => number;

/** A leaf that a schema does not require is there so often. */
const PRESENT = 0.7;
const MOST_ITEMS = 3;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * A spec at random that its schema allows, as far as that can be told: types, enumerations, bounds, required members. Texts that the
 * sample has keep their shape (`1Gi`, `nginx:1.29`), others are names that stand nowhere else.
 */
export function randomSpec(random: Random, schema: JsonObject | undefined, sample: JsonValue | undefined): JsonObject {
  const spec = randomValue(random, schema, sample);
  return isJsonObject(spec) ? spec : {};
}

function randomValue(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  isInList = false,
): JsonValue {
  if (Array.isArray(schema?.enum)) return schema.enum[Math.floor(random() * schema.enum.length)]!;
  switch (typeOf(schema, sample)) {
    case 'object':
      return randomObject(random, schema, isJsonObject(sample) ? sample : {}, isInList);
    case 'array':
      return randomList(random, schema, Array.isArray(sample) ? sample : []);
    case 'boolean':
      return random() < 0.5;
    case 'integer':
    case 'number':
      return randomNumber(random, schema, isInList);
    default:
      return randomText(random, schema, typeof sample === 'string' ? sample : '');
  }
}

function typeOf(schema: JsonObject | undefined, sample: JsonValue | undefined): string {
  if (typeof schema?.type === 'string') return schema.type;
  if (Array.isArray(sample)) return 'array';
  return typeof sample === 'number' ? 'integer' : typeof sample;
}

function randomObject(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonObject,
  isInList: boolean,
): JsonObject {
  const { properties, additionalProperties: additional, required } = schema ?? {};
  const members: Record<string, JsonValue> = {};
  if (
    isJsonObject(additional) ||
    (properties === undefined && schema?.type === 'object' && Object.keys(sample).length === 0)
  ) {
    const of = isJsonObject(additional) ? additional : { type: 'string' };
    const [value] = Object.values(sample);
    const n = Math.floor(random() * (MOST_ITEMS + 1));
    for (let i = 0; i < n; i++) members[randomName(random)] = randomValue(random, of, value);
    return members;
  }
  const known = isJsonObject(properties) ? properties : {};
  for (const name of new Set([...Object.keys(known), ...Object.keys(sample)])) {
    const isRequired = Array.isArray(required) && required.includes(name);
    if (!isRequired && random() >= PRESENT) continue;
    const of = known[name];
    members[name] = randomValue(random, isJsonObject(of) ? of : undefined, sample[name], isInList);
  }
  return members;
}

function randomList(random: Random, schema: JsonObject | undefined, sample: readonly JsonValue[]): JsonValue[] {
  const items = isJsonObject(schema?.items) ? schema.items : undefined;
  const [least, most] = [Number(schema?.minItems ?? 0), Math.min(Number(schema?.maxItems ?? MOST_ITEMS), MOST_ITEMS)];
  const n = least + Math.floor(random() * (Math.max(most, least) - least + 1));
  return Array.from({ length: n }, (_, i) => randomValue(random, items, sample[i % Math.max(1, sample.length)], true));
}

/** Small ones often, since these are special; not in lists, where equal ones may clash. */
function randomNumber(random: Random, schema: JsonObject | undefined, isInList: boolean): number {
  const [least, most] = [Number(schema?.minimum ?? 0), Number(schema?.maximum ?? 9999)];
  const span = !isInList && random() < 0.3 ? Math.min(3, most - least) : most - least;
  return least + Math.floor(random() * (span + 1));
}

function randomText(random: Random, schema: JsonObject | undefined, sample: string): string {
  const most = Number(schema?.maxLength ?? 63);
  // what has other signs than letters has a form, of which the digits can be others, or where there are none the words
  if (sample !== '' && (schema?.pattern !== undefined || /[^a-z-]/i.test(sample))) {
    if (/\d/.test(sample)) return sample.replace(/\d/g, () => String(1 + Math.floor(random() * 9)));
    return sample.replace(/[a-z]{3,}/gi, (word) => randomName(random).slice(0, word.length));
  }
  return randomName(random).slice(0, most);
}

/** A name that is a DNS label, and stands nowhere else. */
function randomName(random: Random): string {
  return Array.from({ length: 8 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}

/** A random source that a seed determines (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
