import type { HeaderLookup } from '../router/index.ts';

/**
 * The headers of a message in their order: names in lower case, values as bytes (latin1). A flat list, since most requests
 * have few headers and each is looked at once or twice.
 */
export class HeaderList implements HeaderLookup {
  /** Name, value, name, value… */
  readonly flat: string[];

  constructor(flat: string[] = []) {
    this.flat = flat;
  }

  /** All values of the name, joined by commas. */
  get(name: string): string | undefined {
    const { flat } = this;
    let value: string | undefined;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) value = value === undefined ? flat[i + 1] : `${value},${flat[i + 1]}`;
    }
    return value;
  }

  /** The first value of the name. */
  first(name: string): string | undefined {
    const { flat } = this;
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
    return undefined;
  }

  /** How often the name is there. */
  count(name: string): number {
    let count = 0;
    for (let i = 0; i < this.flat.length; i += 2) if (this.flat[i] === name) count++;
    return count;
  }

  has(name: string): boolean {
    return this.first(name) !== undefined;
  }

  append(name: string, value: string): void {
    this.flat.push(name, value);
  }

  /** The name has this value alone; it stands where its first value stood. */
  set(name: string, value: string): void {
    const { flat } = this;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue;
      flat[i + 1] = value;
      this.#deleteFrom(name, i + 2);
      return;
    }
    flat.push(name, value);
  }

  delete(name: string): void {
    this.#deleteFrom(name, 0);
  }

  /** Keeps the headers whose names pass. */
  filter(keep: (name: string) => boolean): void {
    const { flat } = this;
    let to = 0;
    for (let i = 0; i < flat.length; i += 2) {
      if (!keep(flat[i]!)) continue;
      flat[to++] = flat[i]!;
      flat[to++] = flat[i + 1]!;
    }
    flat.length = to;
  }

  clone(): HeaderList {
    return new HeaderList(this.flat.slice());
  }

  #deleteFrom(name: string, start: number): void {
    const { flat } = this;
    let to = start;
    for (let i = start; i < flat.length; i += 2) {
      if (flat[i] === name) continue;
      if (to !== i) {
        flat[to] = flat[i]!;
        flat[to + 1] = flat[i + 1]!;
      }
      to += 2;
    }
    flat.length = to;
  }
}
