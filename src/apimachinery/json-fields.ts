import { goQuote } from './field-error.ts';
import { type JsonSink, readJsonString, scanJson } from './json-scan.ts';

/** Strict decoding reports no more than this. */
const MAX_STRICT_ERRORS = 100;

/** Paths of keys that occur twice in an object, in document order, each once and at most 100, as strict decoding names them. */
export function findDuplicateFields(text: string): string[] {
  return inspectJson(text).duplicates;
}

/**
 * The messages of strict decoding: duplicate fields of a text, and the `unknown` fields that a decoder found in it, in
 * document order, each once and at most 100. What is inside of an unknown field is not looked at.
 */
export function strictFieldErrors(text: string, unknown: readonly string[]): string[] {
  const finder = new DuplicateFinder(text, new Set(unknown));
  scanJson(text, finder);
  return [...finder.errors];
}

/** Duplicate fields of a text, and the length of its longest key with quotes. */
export function inspectJson(text: string): { duplicates: string[]; longestKey: number } {
  const finder = new DuplicateFinder(text);
  scanJson(text, finder);
  return { duplicates: [...finder.found], longestKey: finder.longestKey };
}

/** The text of a strict decoding error about a field, e.g. `duplicate field "metadata.labels.a"`. */
export function strictFieldError(problem: 'unknown' | 'duplicate', path: string): string {
  return `${problem} field ${goQuote(path)}`;
}

/** Where the finder is: in an object its keys so far, in an array the index of the current element. */
interface Level {
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

/** Notes keys that an object has twice, and those that are known to be unknown. */
class DuplicateFinder implements JsonSink {
  /** Paths of duplicate fields. */
  readonly found = new Set<string>();
  /** Messages about duplicate and unknown fields. */
  readonly errors = new Set<string>();
  longestKey = 0;
  readonly #text: string;
  readonly #unknown: ReadonlySet<string>;
  readonly #levels: Level[] = [];
  /** How many levels were open where the unknown field is whose value is being passed over. */
  #skipFrom = Number.POSITIVE_INFINITY;

  constructor(text: string, unknown: ReadonlySet<string> = new Set()) {
    this.#text = text;
    this.#unknown = unknown;
  }

  beginObject(): void {
    this.#step();
    this.#levels.push({ keys: new Set(), key: '', index: -1 });
  }

  beginArray(): void {
    this.#step();
    this.#levels.push({ keys: undefined, key: '', index: -1 });
  }

  endObject(): void {
    this.#levels.pop();
  }

  endArray(): void {
    this.#levels.pop();
  }

  key(start: number, end: number, escaped: boolean): void {
    const level = this.#levels[this.#levels.length - 1]!;
    if (end - start > this.longestKey) this.longestKey = end - start;
    level.key = readJsonString(this.#text, start, end, escaped);
    if (this.#levels.length > this.#skipFrom) return;
    this.#skipFrom = Number.POSITIVE_INFINITY;
    if (this.#unknown.size > 0 && this.#isUnknown()) return;
    const before = level.keys!.size;
    level.keys!.add(level.key);
    if (level.keys!.size === before && this.found.size < MAX_STRICT_ERRORS) {
      const path = this.#path();
      this.found.add(path);
      this.#note(strictFieldError('duplicate', path));
    }
  }

  /** Notes the key if it is unknown, and passes over its value. */
  #isUnknown(): boolean {
    const path = this.#path();
    if (!this.#unknown.has(path)) return false;
    this.#skipFrom = this.#levels.length;
    this.#note(strictFieldError('unknown', path));
    return true;
  }

  #note(message: string): void {
    if (this.errors.size < MAX_STRICT_ERRORS) this.errors.add(message);
  }

  string(): void {
    this.#step();
  }

  number(): void {
    this.#step();
  }

  literal(): void {
    this.#step();
  }

  /** A value begins: the next element, when in an array. */
  #step(): void {
    const level = this.#levels[this.#levels.length - 1];
    if (level !== undefined) level.index++;
  }

  #path(): string {
    return this.#levels.map((l, i) => (l.keys ? (i > 0 ? '.' : '') + l.key : `[${l.index}]`)).join('');
  }
}
