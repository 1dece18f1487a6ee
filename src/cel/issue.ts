/** What is wrong with an expression, and where. */
export interface Issue {
  readonly message: string;
  /** In UTF-16 code units from the start of the source; undefined for what has no place. */
  readonly at: number | undefined;
}

/** So many issues are told of one expression. */
const MAX_ISSUES = 100;
/** A longer line is not shown under its message. */
const MAX_SNIPPET_BYTES = 16_384;

/** Collects the issues of one expression; what is over the limit is counted only. */
export class Issues {
  readonly source: string;
  readonly #list: Issue[] = [];
  #count = 0;

  constructor(source: string) {
    this.source = source;
  }

  get count(): number {
    return this.#count;
  }

  get list(): readonly Issue[] {
    return this.#list;
  }

  report(at: number | undefined, message: string): void {
    if (++this.#count <= MAX_ISSUES) this.#list.push({ at, message });
  }

  /** All issues as cel-go prints them: by their places, each with its line and a mark below it. */
  toString(): string {
    const placed = this.#list.map((issue) => ({ issue, place: placeOf(this.source, issue.at) }));
    placed.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    const lines = placed.map(({ issue, place }) => printIssue(this.source, issue.message, place));
    if (this.#count > MAX_ISSUES) lines.push(`${this.#count - MAX_ISSUES} more errors were truncated`);
    return lines.join('\n');
  }
}

interface Place {
  /** From 1; -1 for none. */
  readonly line: number;
  /** In code points from 0; -1 for none. */
  readonly column: number;
}

function placeOf(source: string, at: number | undefined): Place {
  if (at === undefined) return { line: -1, column: -1 };
  // An empty source has no place, but a first line.
  if (source === '') return { line: 1, column: -1 };
  const before = source.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: [...before.slice(start)].length };
}

/** `ERROR: <input>:1:5: message`, the line, and dots up to a caret. Wide characters get wide dots. */
function printIssue(source: string, message: string, { line, column }: Place): string {
  const head = `ERROR: <input>:${line}:${column + 1}: ${message}`;
  const text = line > 0 && column >= 0 ? source.split('\n')[line - 1] : undefined;
  if (text === undefined || Buffer.byteLength(text) > MAX_SNIPPET_BYTES) return head;
  const shown = text.replaceAll('\t', ' ');
  const characters = [...shown];
  const isWide = (character: string | undefined) => character !== undefined && character.codePointAt(0)! > 0x7f;
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? '\uff0e' : '.'));
  return `${head}\n | ${shown}\n | ${dots.join('')}${isWide(characters[column]) ? '\uff3e' : '^'}`;
}
