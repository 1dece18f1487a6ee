import { type FieldError, invalid } from 'nekube/apimachinery';

/** What the checks of a value came to: its defects, each once, and how many checks it went through. */
export class Outcome {
  /** Integers or texts may be of any type. */
  readonly lenient: boolean;
  readonly #at: string;
  readonly #errors: FieldError[] = [];
  #matches = 0;

  /** @param at stands in front of the names of all fields */
  constructor(at: string, lenient: boolean) {
    this.#at = at;
    this.lenient = lenient;
  }

  get errors(): readonly FieldError[] {
    return this.#errors;
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
    if (!this.#errors.some((known) => known.field === error.field && known.message === error.message))
      this.#errors.push(error);
  }

  /** Adds a defect that names its place in its text only. */
  addText(text: string): void {
    this.add(invalid(this.#at === '' ? '<nil>' : this.#at, '', text));
  }

  /** Takes back all defects but the first ones. */
  forget(kept: number): void {
    this.#errors.length = kept;
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
