/** What is wrong with a document from outside; `message` is for people, and says what was done about it. */
export interface Defect {
  readonly code: DefectCode;
  readonly message: string;
  /** Counted from 1, where it is known. */
  readonly line?: number;
}

/** The kinds of defects. They are stored with a feed, so none is renamed. */
export type DefectCode =
  | 'BadDate'
  | 'BareAmpersand'
  | 'BareLessThan'
  | 'ControlCharacter'
  | 'DoubleEscaped'
  | 'DuplicateAttribute'
  | 'EncodingConflict'
  | 'EncodingUndeclared'
  | 'EncodingUnknown'
  | 'EncodingWrong'
  | 'EntityDeclaration'
  | 'EntityUndefined'
  | 'InvalidBytes'
  | 'InvalidJSON'
  | 'JunkBefore'
  | 'MarkupBroken'
  | 'NamespaceMissing'
  | 'NotAFeed'
  | 'NotClosed'
  | 'NotNested'
  | 'TooDeep'
  | 'TooMany'
  | 'Truncated';

/** How many defects of one kind are listed: who mends a feed needs the first few, and a hostile one has millions. */
const LISTED_OF_A_KIND = 3;

/** Collects the defects of one text, and knows the lines of their places. */
export class DefectList {
  readonly #text: string;
  readonly #found: { code: DefectCode; message: string; offset: number | undefined }[] = [];
  readonly #counts = new Map<DefectCode, number>();

  constructor(text = '') {
    this.#text = text;
  }

  /** Notes a defect at an offset of the text, unless there are enough of its kind. */
  add(code: DefectCode, message: string, offset?: number): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= LISTED_OF_A_KIND) this.#found.push({ code, message, offset });
  }

  /** What was found, in its order; the last of a kind tells how many more there were. */
  list(): Defect[] {
    const listed = new Map<DefectCode, number>();
    return this.#found.map(({ code, message, offset }) => {
      const nth = (listed.get(code) ?? 0) + 1;
      listed.set(code, nth);
      const more = this.#counts.get(code)! - LISTED_OF_A_KIND;
      const tail = nth === LISTED_OF_A_KIND && more > 0 ? ` (and ${more} more)` : '';
      return { code, message: message + tail, ...(offset !== undefined && { line: this.#lineAt(offset) }) };
    });
  }

  #lineAt(offset: number): number {
    let line = 1;
    for (let at = this.#text.indexOf('\n'); at >= 0 && at < offset; at = this.#text.indexOf('\n', at + 1)) line++;
    return line;
  }
}
