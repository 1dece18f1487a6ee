import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { itemsOf, type Path, type Scope, valueAt } from './template.ts';

/** Shorter texts and smaller numbers stand in too many places to say where something comes from. */
const SHORTEST = 3;
const SMALLEST = 100;

/** What of a scope's items is in none of its other values, by which what was made of an item can be told. */
const marks = new WeakMap<JsonObject, ReadonlyMap<string, number>>();
const shown = new WeakMap<object, string>();

/**
 * Of which item of a collection a value is made: of that whose own values it has in it, be it in another case or encoded. Undefined: of
 * none.
 *
 * @param tells whether a text says where something comes from
 */
export function sourceIn(
  value: JsonValue,
  scope: Scope,
  path: Path,
  tells: (mark: string) => boolean = () => true,
): number | 'several' | undefined {
  const text = asText(value);
  let found: number | undefined;
  for (const [at, item] of itemsOf(valueAt(scope, path)).entries()) {
    if (!marksOf(item, scope.Values).some((mark) => isIn(mark, text) && tells(mark))) continue;
    if (found !== undefined) return 'several';
    found = at;
  }
  return found;
}

/** Whether a text is in a value, be it in another case or encoded, or in the name of a member. */
export function isMarkIn(mark: string, value: JsonValue): boolean {
  return isIn(mark, asText(value));
}

/** The texts of an item that its scope's other values do not have: for one of a map also its key. */
function marksOf(item: JsonValue, values: JsonObject): string[] {
  const all = countsOf(values);
  const own = counted(item, false);
  return [...own.keys()].filter((text) => own.get(text) === all.get(text));
}

function countsOf(values: JsonObject): ReadonlyMap<string, number> {
  const known = marks.get(values);
  if (known !== undefined) return known;
  const counts = counted(values, true);
  marks.set(values, counts);
  return counts;
}

/** How often each text stands in a value. @param isByName also as the name of a member, of which any may be a key of a map */
function counted(value: JsonValue, isByName: boolean): Map<string, number> {
  const counts = new Map<string, number>();
  const note = (text: string): void => {
    if (text.length >= SHORTEST) counts.set(text, (counts.get(text) ?? 0) + 1);
  };
  const walk = (one: JsonValue): void => {
    if (Array.isArray(one)) for (const item of one) walk(item);
    else if (isJsonObject(one)) {
      for (const [name, member] of Object.entries(one)) {
        if (isByName) note(name.toLowerCase());
        walk(member);
      }
    } else if (typeof one === 'string') note(one.toLowerCase());
    else if (typeof one === 'number' && one >= SMALLEST) note(String(one));
  };
  walk(value);
  return counts;
}

/** A value as a text in which others are looked for: in small letters, and what is encoded also in clear. */
function asText(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return textOfLeaf(value);
  const known = shown.get(value);
  if (known !== undefined) return known;
  const parts: string[] = [];
  const walk = (one: JsonValue): void => {
    if (Array.isArray(one)) for (const item of one) walk(item);
    else if (isJsonObject(one)) {
      for (const [name, member] of Object.entries(one)) {
        parts.push(name.toLowerCase());
        walk(member);
      }
    } else parts.push(textOfLeaf(one));
  };
  walk(value);
  const text = parts.join('\n');
  shown.set(value, text);
  return text;
}

function textOfLeaf(value: JsonValue): string {
  const text = String(value);
  const isEncoded = text.length >= 4 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
  return `${text} ${isEncoded ? Buffer.from(text, 'base64').toString('utf8') : ''}`.toLowerCase();
}

function isIn(mark: string, text: string): boolean {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (!/^\d+$/.test(mark)) return true;
    if (!/\d/.test(text[at - 1] ?? '') && !/\d/.test(text[at + mark.length] ?? '')) return true;
  }
  return false;
}
