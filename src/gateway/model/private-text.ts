import { inspect } from 'node:util';

const SHOWN = '[redacted]';

/** A text that nobody shall see, as a private key: printed, logged or written as JSON it is `[redacted]`. */
export class PrivateText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for who must have it. */
  reveal(): string {
    return this.#text;
  }

  /** Whether both hide the same text. */
  equals(other: PrivateText): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
