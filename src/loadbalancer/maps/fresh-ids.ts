/** Beyond what was in use at a restart: as many may have been given and given back since, which flows still know. */
const LEAP = 1_000_000;
/** Numbers have 32 bits in maps. */
const NUMBERS = 2 ** 32;

/**
 * Numbers from 1, of which none is given twice, as long as there are 32 bits: what is remembered of a number that was given back, in flows
 * and affinities, must not be another's.
 */
export class FreshIds {
  readonly #capacity: number;
  readonly #used = new Set<number>();
  #next = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many may still be given. */
  get free(): number {
    return this.#capacity - this.#used.size;
  }

  /** Marks one that is in use already, since an earlier process. */
  adopt(id: number): void {
    this.#used.add(id);
    this.#next = Math.max(this.#next, id + LEAP);
  }

  /** @throws RangeError as many as there is room for are in use */
  take(): number {
    if (this.free === 0) throw new RangeError(`All ${this.#capacity} numbers are in use`);
    let id = this.#next;
    while (id >= NUMBERS || this.#used.has(id)) id = id >= NUMBERS ? 1 : id + 1;
    this.#used.add(id);
    this.#next = id + 1;
    return id;
  }

  release(id: number): void {
    this.#used.delete(id);
  }
}
