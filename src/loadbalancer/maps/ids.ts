/** Numbers from 1, of which those that were given back are used again, smallest first. */
export class Ids {
  readonly #capacity: number;
  readonly #used = new Set<number>();
  /** None below it is free. */
  #lowest = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many are left. */
  get free(): number {
    return this.#capacity - this.#used.size;
  }

  /** Marks one that is in use already. */
  adopt(id: number): void {
    this.#used.add(id);
  }

  /** @throws RangeError none is left */
  take(): number {
    if (this.free === 0) throw new RangeError(`All ${this.#capacity} numbers are in use`);
    while (this.#used.has(this.#lowest)) this.#lowest++;
    this.#used.add(this.#lowest);
    return this.#lowest;
  }

  release(id: number): void {
    this.#used.delete(id);
    this.#lowest = Math.min(this.#lowest, id);
  }
}
