import { Ids } from './ids.ts';

/** Which place of `traffic` each frontend is counted at, by its key. */
export class Counters {
  readonly #ids: Ids;
  readonly #known = new Map<string, number>();

  constructor(capacity: number) {
    this.#ids = new Ids(capacity);
  }

  /** The frontend's place, which is a new one if it has none yet. */
  of(key: string): number {
    const known = this.#known.get(key) ?? this.#ids.take();
    this.#known.set(key, known);
    return known;
  }

  /** Marks a place as a frontend's, as the maps have it. */
  adopt(key: string, place: number): void {
    this.#ids.adopt(place);
    this.#known.set(key, place);
  }

  release(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    this.#ids.release(known);
  }
}
