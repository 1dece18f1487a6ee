/** Numbers from 1, of which those that were given back are used again, smallest first. */
export class Ids {
  readonly #capacity: number;
  /** 1 for each that is in use. */
  readonly #used: Uint8Array;
  #count = 0;
  /** None below it is free. */
  #lowest = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#used = new Uint8Array(capacity + 1);
  }

  /** How many are left. */
  get free(): number {
    return this.#capacity - this.#count;
  }

  /** Marks one that is in use already. */
  adopt(id: number): void {
    if (this.#used[id] === 0) this.#count++;
    this.#used[id] = 1;
  }

  /** @throws RangeError none is left */
  take(): number {
    if (this.free === 0) throw new RangeError(`All ${this.#capacity} numbers are in use`);
    while (this.#used[this.#lowest] === 1) this.#lowest++;
    this.adopt(this.#lowest);
    return this.#lowest;
  }

  release(id: number): void {
    if (this.#used[id] === 1) this.#count--;
    this.#used[id] = 0;
    this.#lowest = Math.min(this.#lowest, id);
  }
}
