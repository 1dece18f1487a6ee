import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import {
  allowedTexts,
  FORMATS,
  isAllowed,
  isSet,
  ODD_TEXTS,
  oddNumbers,
  type OddKind,
  type Random,
  randomName,
} from './odd-values.ts';
import type { OddAt, Turns } from './turns.ts';

export type { Random } from './odd-values.ts';

/** A leaf that a schema does not require is there so often. */
const PRESENT = 0.7;
/** Few items are told from each other by the covering examples, and by chance there are more. */
const FEW_ITEMS = 3;
const MOST_ITEMS = 6;
const MANY_ITEMS_ODDS = 0.2;
/** So often a leaf is odd, of those specs in which any may be: some have one, some many. */
const ODDNESS = [0, 0.06, 0.15, 0.4];
/** So often more is drawn what shall have anything odd. */
const MOST_TRIED = 20;
/** An odd list has items twice so often. */
const TWICE = 0.3;

/** Which of `n` ways something is done; undefined: at random. What is in a list is never asked for. */
export type Choose = (place: string, n: number) => number | undefined;

/** A spec at random, and what is odd in it. */
export interface DrawnSpec {
  readonly spec: JsonObject;
  readonly odd: readonly OddAt[];
}

/** What a value is made with. */
interface Making {
  readonly random: Random;
  readonly choose: Choose;
  readonly isInList: boolean;
  /** How likely a leaf is odd; 0: none is. */
  readonly oddness: number;
  readonly odd: OddAt[];
  /** Which kind is next, by place; absent: nothing is odd. */
  readonly turns?: Turns;
}

/**
 * A plain spec at random that its schema allows, as far as that can be told: types, enumerations, bounds, required members. Texts that the
 * sample has keep their shape (`1Gi`, `nginx:1.29`), others are names that stand nowhere else, by which it can be told where they get to.
 *
 * @param choose what is not left to chance: whether a member is there, which truth value, of an enumeration which, how many items
 */
export function randomSpec(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  choose: Choose = () => undefined,
): JsonObject {
  return drawn({ random, choose, isInList: false, oddness: 0, odd: [] }, schema, sample).spec;
}

/**
 * A spec at random in which leaves may be odd, as far as the schema allows that: texts of all kinds that programs get wrong (empty, long, in
 * upper case, like numbers…), numbers at their bounds, items twice. One in four is plain, of trials; of examples none is, if that can be.
 *
 * @param turns the kinds take turns at each place, instead of coming by chance: so few specs show more
 */
export function wideSpec(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  turns: Turns,
): DrawnSpec {
  turns.begin();
  const all = turns.isTrial ? ODDNESS : ODDNESS.slice(1);
  for (let tried = 0; ; tried++) {
    const oddness = all[Math.floor(random() * all.length)]!;
    const found = drawn({ random, choose: () => undefined, isInList: false, oddness, odd: [], turns }, schema, sample);
    if (turns.isTrial || found.odd.length > 0 || tried === MOST_TRIED) return found;
  }
}

/** Makes known which kinds there are at the places of a spec in which everything is there, also those that are never drawn. */
export function knowKinds(
  random: Random,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
  turns: Turns,
): void {
  drawn({ random, choose: (_, n) => n - 1, isInList: false, oddness: 0, odd: [], turns }, schema, sample);
}

function drawn(making: Making, schema: JsonObject | undefined, sample: JsonValue | undefined): DrawnSpec {
  const spec = randomValue(making, '', schema, sample);
  return { spec: isJsonObject(spec) ? spec : {}, odd: making.odd };
}

function chosen({ random, choose, isInList }: Making, place: string, n: number, odds = 1 / n): number {
  const level = isInList ? undefined : choose(place, n);
  if (level !== undefined && level < n) return level;
  return n === 2 ? Number(random() < odds) : Math.floor(random() * n);
}

/** An odd value; undefined: this one is plain. */
function oddOne<T>(making: Making, place: string, kindsOf: () => readonly OddKind<T>[]): T | undefined {
  const { random, oddness, odd, turns } = making;
  if (turns === undefined) return undefined;
  turns.know(random, place, kindsOf);
  const kind = oddness === 0 ? undefined : turns.next<T>(random, place, oddness);
  if (kind === undefined) return undefined;
  odd.push({ place, kind: kind.name });
  return kind.make(random);
}

function randomValue(
  making: Making,
  place: string,
  schema: JsonObject | undefined,
  sample: JsonValue | undefined,
): JsonValue {
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
      return oddOne(making, place, () => oddNumbers(schema)) ?? randomNumber(making, schema);
    default:
      return (
        oddText(making, place, schema) ?? randomText(making.random, schema, typeof sample === 'string' ? sample : '')
      );
  }
}

function typeOf(schema: JsonObject | undefined, sample: JsonValue | undefined): string {
  if (typeof schema?.type === 'string') return schema.type;
  if (Array.isArray(sample)) return 'array';
  return typeof sample === 'number' ? 'integer' : typeof sample;
}

function randomObject(making: Making, place: string, schema: JsonObject | undefined, sample: JsonObject): JsonObject {
  const { properties, additionalProperties: additional, required } = schema ?? {};
  const members: Record<string, JsonValue> = {};
  if (
    isJsonObject(additional) ||
    (properties === undefined && schema?.type === 'object' && Object.keys(sample).length === 0)
  ) {
    const of = isJsonObject(additional) ? additional : { type: 'string' };
    const [value] = Object.values(sample);
    const n = numberOfItems(making, place, 0, MOST_ITEMS);
    const within = { ...making, isInList: true };
    for (let i = 0; i < n; i++) {
      const key = oddText(making, `${place} (a key)`, undefined) ?? randomName(making.random);
      // a prototype is no member, and a map has no two of a name
      Object.defineProperty(members, key, {
        value: randomValue(within, `${place}/*`, of, value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
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

function numberOfItems(making: Making, place: string, least: number, most: number): number {
  const few = Math.min(most, Math.max(least, FEW_ITEMS));
  const n = least + chosen(making, `${place}#`, few - least + 1);
  const isMore = n === few && most > few && making.random() < MANY_ITEMS_ODDS * (few - least + 1);
  return isMore ? few + 1 + Math.floor(making.random() * (most - few)) : n;
}

function randomList(
  making: Making,
  place: string,
  schema: JsonObject | undefined,
  sample: readonly JsonValue[],
): JsonValue[] {
  const items = isJsonObject(schema?.items) ? schema.items : undefined;
  const least = Number(schema?.minItems ?? 0);
  const most = Math.max(least, Math.min(Number(schema?.maxItems ?? MOST_ITEMS), MOST_ITEMS));
  const within = { ...making, isInList: true };
  const all: JsonValue[] = [];
  const n = numberOfItems(making, place, least, most);
  while (all.length < n)
    all.push(randomValue(within, `${place}/*`, items, sample[all.length % Math.max(1, sample.length)]));
  const { oddness, random, odd } = making;
  if (all.length > 1 && !isSet(schema) && random() < oddness * TWICE) {
    odd.push({ place, kind: 'an item twice' });
    all[all.length - 1] = all[0]!;
  }
  return all;
}

/** Small ones often, since these are special; not in lists, where equal ones may clash. */
function randomNumber({ random, isInList }: Making, schema: JsonObject | undefined): number {
  const [least, most] = [Number(schema?.minimum ?? 0), Number(schema?.maximum ?? 9999)];
  const span = !isInList && random() < 0.3 ? Math.min(3, most - least) : most - least;
  return least + Math.floor(random() * (span + 1));
}

function oddText(making: Making, place: string, schema: JsonObject | undefined): string | undefined {
  return oddOne(making, place, () => allowedTexts(making.random, schema));
}

function randomText(random: Random, schema: JsonObject | undefined, sample: string): string {
  const most = Number(schema?.maxLength ?? 63);
  const ofFormat = FORMATS.get(String(schema?.format));
  if (ofFormat !== undefined) return ofFormat(random);
  // what has other signs than letters has a form, of which digits and words can be others
  if (sample !== '' && (schema?.pattern !== undefined || /[^a-z-]/i.test(sample))) {
    const digits = otherDigits(random, sample, schema);
    if (schema?.pattern !== undefined && digits !== sample) return digits;
    const other = otherWords(random, digits);
    // of a path a longer one; of what has a form but nothing that could be other, nothing is known
    return other === sample && sample.startsWith('/') ? `${sample}${randomName(random)}` : other;
  }
  const name = randomName(random).slice(0, most);
  if (isAllowed(name, schema)) return name;
  // what a pattern wants may be of another kind
  return ODD_TEXTS.map(({ make }) => make(random)).find((text) => isAllowed(text, schema)) ?? name;
}

/** Other digits, which a pattern may not allow to be any. */
function otherDigits(random: Random, text: string, schema: JsonObject | undefined): string {
  const other = (): string => text.replace(/\d/g, () => String(1 + Math.floor(random() * 9)));
  return Array.from({ length: MOST_TRIED }, other).find((one) => isAllowed(one, schema)) ?? text;
}

/** Other longer words, and other ones in capitals, which are as long: `LOG_LEVEL` is of two. */
function otherWords(random: Random, text: string): string {
  const other = (word: string): string => {
    const name = randomName(random, word.length);
    return word === word.toUpperCase() ? name.toUpperCase() : name;
  };
  return text.replace(/[a-z]{4,}(?!:\/\/|[a-z])|(?<![A-Za-z])[A-Z]{3,}(?![A-Za-z])/g, other);
}
