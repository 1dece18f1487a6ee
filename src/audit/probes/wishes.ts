import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseFieldSelector,
  parseLabelSelector,
} from 'nekube/apimachinery';
import type { OperatorRead } from '../observe/operator-write.ts';
import { WORDS } from '../observe/words.ts';

/** An object that an operator asked for, by its name or by what it must have; with neither: any. */
export interface Wish {
  readonly name?: string;
  /** As it asked, with words; empty: in all. */
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** By path, as in `spec.nodeName`. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** More objects of a resource are not made. */
const MOST = 12;
/** The value of a label that must only be there. */
const ANY = 'audit';

/**
 * The objects that reads of a resource ask for, each once.
 *
 * @param spec texts of it may be names
 */
export function wishesOf(reads: readonly OperatorRead[], spec: JsonValue | undefined): readonly Wish[] {
  const asked = reads.map(wishOf).filter((wish) => wish !== undefined);
  const places = new Set(asked.map(({ namespace }) => namespace));
  const named = [...textsIn(spec)].flatMap((name) => [...places].map((namespace): Wish => ({ name, namespace })));
  const all = new Map([...asked, ...named].map((wish) => [JSON.stringify(wish), wish]));
  return [...all.values()].slice(0, MOST);
}

function wishOf({ verb, namespace, name, labelSelector, fieldSelector }: OperatorRead): Wish | undefined {
  if (verb === 'get') return { name, namespace };
  try {
    const { 'metadata.name': of, ...fields } = wordsBack(fieldsFor(wordsAway(fieldSelector)));
    const labels = wordsBack(labelsFor(wordsAway(labelSelector)));
    return {
      namespace,
      ...(of !== undefined && { name: of }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(fields).length > 0 && { fields }),
    };
  } catch {
    // what no server reads selects nothing
    return undefined;
  }
}

/** Words are nothing that may stand in a selector. */
const STAND_INS = [
  [WORDS.name, 'a-word-for-the-name'],
  [WORDS.namespace, 'a-word-for-the-namespace'],
] as const;

function wordsAway(text = ''): string {
  return STAND_INS.reduce((now, [word, standIn]) => now.replaceAll(word, standIn), text);
}

function wordsBack(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const back = (text: string): string =>
    STAND_INS.reduce((now, [word, standIn]) => now.replaceAll(standIn, word), text);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [back(key), back(value)]));
}

/** Labels that a selector selects. @throws ParseError */
export function labelsFor(selector: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const { key, operator, values } of parseLabelSelector(selector).requirements) {
    const [first = ANY] = values;
    if (operator === 'exists') labels[key] ??= ANY;
    else if (operator === 'gt') labels[key] = String(Number(first) + 1);
    else if (operator === 'lt') labels[key] = String(Number(first) - 1);
    else if (['in', '=', '=='].includes(operator)) labels[key] = first;
  }
  return labels;
}

/** Values of fields that a selector selects. @throws ParseError */
function fieldsFor(selector: string): Readonly<Record<string, string>> {
  const asked = parseFieldSelector(selector).requirements.filter(({ operator }) => operator !== '!=');
  return Object.fromEntries(asked.map(({ field, value }) => [field, value]));
}

/** An object with values at paths, as in `spec.nodeName`. */
export function withFields(object: JsonObject, fields: Readonly<Record<string, string>> = {}): JsonObject {
  return Object.entries(fields).reduce((now, [path, value]) => withField(now, path.split('.'), value), object);
}

function withField(object: JsonObject, [part = '', ...rest]: readonly string[], value: string): JsonObject {
  if (rest.length === 0) return { ...object, [part]: value };
  const below = object[part];
  return { ...object, [part]: withField(isJsonObject(below) ? below : {}, rest, value) };
}

/** A wish in words: `‹name›-key`, `with shop=‹name›`; empty: any. */
export function shownWish({ name, labels = {}, fields = {} }: Wish): string {
  const asked = Object.entries({ ...labels, ...fields }).map(([key, value]) => `${key}=${value}`);
  return [...(name === undefined ? [] : [name]), ...(asked.length === 0 ? [] : [`with ${asked.join(',')}`])].join(' ');
}

/** Texts of a spec that could be names. */
function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)) yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (isJsonObject(value)) for (const item of Object.values(value)) yield* textsIn(item);
}
