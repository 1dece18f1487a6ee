import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';

/** Numbers from 0 to 1, below 1. */
export type Random = () => number;

/** A leaf that a schema does not require is there so often. */
const PRESENT = 0.7;
const MOST_ITEMS = 3;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Which of `n` ways something is done; undefined: at random. What is in a list is never asked for. */
export type Choose = (place: string, n: number) => number | undefined;

/** What a value is made with. */
interface Making {
  readonly random: Random;
  readonly choose: Choose;
  readonly isInList: boolean;
}

/**
 * A spec at random that its schema allows, as far as that can be told: types, enumerations, bounds, required members. Texts that the
 * sample has keep their shape (`1Gi`, `nginx:1.29`), others are names that stand nowhere else.
 *
 * @param choose what is not left to chance: whether a member is there, which truth value, of an enumeration which, how many items
 */
export function randomSpec(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  choose: Choose = () => undefined,
): JsonObject {
  const spec = randomValue({ random, choose, isInList: false }, '', schema, sample);
  return isJsonObject(spec) ? spec : {};
}

function chosen({ random, choose, isInList }: Making, place: string, n: number, odds = 1 / n): number {
  const level = isInList ? undefined : choose(place, n);
  if (level !== undefined && level < n) return level;
  return n === 2 ? Number(random() < odds) : Math.floor(random() * n);
}

function randomValue(
  making: Making,
  place: string,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
): JsonValue {
  const { random, isInList } = making;
  if (Array.isArray(schema?.enum)) return schema.enum[chosen(making, `${place}=`, schema.enum.length)]!;
  switch (typeOf(schema, sample)) {
    case 'object':
      return randomObject(making, place, schema, isJsonObject(sample) ? sample : {});
    case 'array':
      return randomList(making, place, schema, Array.isArray(sample) ? sample : []);
    case 'boolean':
      return chosen(making, `${place}=`, 2) === 1;
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

function randomObject(making: Making, place: string, schema: JsonObject | undefined, sample: JsonObject): JsonObject {
  const { random } = making;
  const { properties, additionalProperties: additional, required } = schema ?? {};
  const members: Record<string, JsonValue> = {};
  if (
    isJsonObject(additional) ||
    (properties === undefined && schema?.type === 'object' && Object.keys(sample).length === 0)
  ) {
    const of = isJsonObject(additional) ? additional : { type: 'string' };
    const [value] = Object.values(sample);
    const n = chosen(making, `${place}#`, MOST_ITEMS + 1);
    for (let i = 0; i < n; i++)
      members[randomName(random)] = randomValue({ ...making, isInList: true }, place, of, value);
    return members;
  }
  const known = isJsonObject(properties) ? properties : {};
  for (const name of new Set([...Object.keys(known), ...Object.keys(sample)])) {
    const below = `${place}/${name}`;
    const isRequired = Array.isArray(required) && required.includes(name);
    if (!isRequired && chosen(making, below, 2, PRESENT) === 0) continue;
    const of = known[name];
    members[name] = randomValue(making, below, isJsonObject(of) ? of : undefined, sample[name]);
  }
  return members;
}

function randomList(
  making: Making,
  place: string,
  schema: JsonObject | undefined,
  sample: readonly JsonValue[],
): JsonValue[] {
  const items = isJsonObject(schema?.items) ? schema.items : undefined;
  const [least, most] = [Number(schema?.minItems ?? 0), Math.min(Number(schema?.maxItems ?? MOST_ITEMS), MOST_ITEMS)];
  const n = least + chosen(making, `${place}#`, Math.max(most, least) - least + 1);
  const within = { ...making, isInList: true };
  return Array.from({ length: n }, (_, i) => randomValue(within, place, items, sample[i % Math.max(1, sample.length)]));
}

/** Small ones often, since these are special; not in lists, where equal ones may clash. */
function randomNumber(random: Random, schema: JsonObject | undefined, isInList: boolean): number {
  const [least, most] = [Number(schema?.minimum ?? 0), Number(schema?.maximum ?? 9999)];
  const span = !isInList && random() < 0.3 ? Math.min(3, most - least) : most - least;
  return least + Math.floor(random() * (span + 1));
}

function randomText(random: Random, schema: JsonObject | undefined, sample: string): string {
  const most = Number(schema?.maxLength ?? 63);
  // what has other signs than letters has a form, of which digits and longer words can be others
  if (sample !== '' && (schema?.pattern !== undefined || /[^a-z-]/i.test(sample))) {
    const other = sample.replace(/\d/g, () => String(1 + Math.floor(random() * 9)));
    if (schema?.pattern !== undefined && other !== sample) return other;
    return other.replace(/[a-z]{4,}(?!:\/\/|[a-z])/g, (word) => randomName(random).slice(0, word.length));
  }
  return randomName(random).slice(0, most);
}

/** A name that is a DNS label, and stands nowhere else. */
function randomName(random: Random): string {
  return Array.from({ length: 8 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}
