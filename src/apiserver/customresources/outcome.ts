import { type FieldError, invalid } from 'nekube/apimachinery';

/** So many characters of messages are more than anybody reads, and yet few enough to be kept and sent. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** What the checks of a value came to: its defects, each once, and how many checks it went through. */
export class Outcome {
  /** Integers or texts may be of any type. */
  readonly lenient: boolean;
  readonly #at: string;
  readonly #errors: FieldError[] = [];
  /** The errors as texts, by which a second one is told. */
  readonly #known = new Set<string>();
  #characters = 0;
  #matches = 0;

  /** @param at stands in front of the names of all fields */
  constructor(at: string, lenient: boolean) {
    this.#at = at;
    this.lenient = lenient;
  }

  get errors(): readonly FieldError[] {
    return this.#errors;
  }

  /** True when there are so many defects that it does not matter how many more there would be. */
  get isFull(): boolean {
    return this.#characters > MOST_CHARACTERS;
  }

  get isValid(): boolean {
    return this.#errors.length === 0;
  }

  /** Which of several invalid alternatives is meant is told by this. */
  get matches(): number {
    return this.#matches;
  }

  /** Counts a check that was made. */
  matched(): void {
    this.#matches++;
  }

  /** The field of a path as errors name it; undefined for a whole object that has no name. */
  name(path: string): string | undefined {
    const bare = path.startsWith('.') ? path.slice(1) : path;
    if (this.#at === '') return bare === '' ? undefined : bare;
    return bare === '' ? this.#at : `${this.#at}.${bare}`;
  }

  add(error: FieldError): void {
    const text = textOf(error);
    if (this.isFull || this.#known.has(text)) return;
    this.#known.add(text);
    this.#characters += text.length;
    this.#errors.push(error);
  }

  /** Adds a defect that names its place in its text only. */
  addText(text: string): void {
    this.add(invalid(this.#at === '' ? '<nil>' : this.#at, '', text));
  }

  /** Takes back all defects but the first ones. */
  forget(kept: number): void {
    for (const error of this.#errors.splice(kept)) {
      const text = textOf(error);
      this.#known.delete(text);
      this.#characters -= text.length;
    }
  }

  /** An outcome of the same place, for an alternative. */
  fresh(): Outcome {
    return new Outcome(this.#at, this.lenient);
  }

  merge(other: Outcome): void {
    for (const error of other.errors) this.add(error);
    this.#matches += other.matches;
  }
}

function textOf({ field, message }: FieldError): string {
  return `${field}: ${message}`;
}
