import { parseJson, stringifyJson } from './json.ts';
import { type JsonSink, scanJson } from './json-scan.ts';

/**
 * The operations of a JSON patch, by index, whose `value` has a text or number that Go would write otherwise, such as
 * `"<"`, which it writes `"\u003c"`, or `1.0`.
 *
 * kube-apiserver tests values by the bytes of their scalars, so a test of such a value fails, whatever the object has.
 *
 * @throws ParseError the text is no JSON.
 */
export function findInexactValues(patch: string): ReadonlySet<number> {
  const finder = new InexactFinder(patch);
  scanJson(patch, finder);
  return finder.found;
}

/** An operation is at depth 1, its members at depth 2. */
class InexactFinder implements JsonSink {
  readonly found = new Set<number>();
  readonly #text: string;
  #depth = 0;
  #operation = -1;
  #inValue = false;

  constructor(text: string) {
    this.#text = text;
  }

  beginObject(): void {
    if (++this.#depth === 2) this.#operation++;
  }

  endObject(): void {
    this.#depth--;
  }

  beginArray(): void {
    this.#depth++;
  }

  endArray(): void {
    this.#depth--;
  }

  key(start: number, end: number): void {
    if (this.#depth === 2) this.#inValue = parseJson(this.#text.slice(start, end)) === 'value';
  }

  string(start: number, end: number): void {
    this.#check(start, end);
  }

  number(start: number, end: number): void {
    this.#check(start, end);
  }

  literal(): void {
    if (this.#depth === 1) this.#operation++;
  }

  #check(start: number, end: number): void {
    if (this.#depth < 2) {
      if (this.#depth === 1) this.#operation++;
      return;
    }
    const raw = this.#text.slice(start, end);
    if (this.#inValue && stringifyJson(parseJson(raw)) !== raw) this.found.add(this.#operation);
  }
}
