import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';

/**
 * A value that is read member by member and remembers what nobody read, so that whoever converts it cannot forget to say what was
 * left out: `unread()` has it.
 */
export class Reading {
  readonly path: string;
  readonly #value: JsonValue | undefined;
  readonly #children = new Map<string, Reading>();
  #taken = false;

  constructor(value: JsonValue | undefined, path = '') {
    this.#value = value;
    this.path = path;
  }

  /** Whether there is anything. */
  get isThere(): boolean {
    return this.#value !== undefined && this.#value !== null;
  }

  /** A member, which may not be there. */
  at(name: string): Reading {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const quoted = /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? `${this.path === '' ? '' : '.'}${name}` : `[${name}]`;
    const child = new Reading(isJsonObject(this.#value) ? this.#value[name] : undefined, `${this.path}${quoted}`);
    this.#children.set(name, child);
    return child;
  }

  /** The entries of a list. */
  items(): readonly Reading[] {
    if (!Array.isArray(this.#value)) return [];
    return this.#value.map((value, i) => {
      const known = this.#children.get(String(i)) ?? new Reading(value, `${this.path}[${i}]`);
      this.#children.set(String(i), known);
      return known;
    });
  }

  /** The names of members of an object. */
  names(): readonly string[] {
    return isJsonObject(this.#value) ? Object.keys(this.#value) : [];
  }

  /** The whole value, which does not count as read by this. */
  peek(): JsonValue | undefined {
    return this.#value;
  }

  /** The whole value, all of which counts as read. */
  take(): JsonValue | undefined {
    this.#taken = true;
    return this.#value ?? undefined;
  }

  /** A text; numbers and flags are written out. */
  text(): string | undefined {
    const value = this.take();
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
  }

  /** A number, also one that is written as text. */
  number(): number | undefined {
    const value = this.take();
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  /** A flag, also one that is written as text. */
  flag(): boolean | undefined {
    const value = this.take();
    return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
  }

  /** Texts of a list, or of one text with commas. */
  texts(): readonly string[] | undefined {
    const value = this.take();
    if (Array.isArray(value)) return value.map(String);
    return typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : undefined;
  }

  /** An object as it is. */
  object(): JsonObject | undefined {
    const value = this.take();
    return isJsonObject(value) ? value : undefined;
  }

  /** Where something stands that nobody read: the shortest paths below which nothing was. */
  unread(): readonly string[] {
    if (this.#taken || !this.isThere) return [];
    if (!isJsonObject(this.#value) && !Array.isArray(this.#value)) return [this.path];
    if (this.#children.size === 0) return Object.keys(this.#value).length === 0 ? [] : [this.path];
    if (Array.isArray(this.#value)) return this.items().flatMap((item) => item.unread());
    return Object.keys(this.#value).flatMap((name) => this.at(name).unread());
  }
}
