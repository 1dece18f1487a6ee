/** Numbers that look random and are the same for a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e37_79b9) >>> 0;
  }

  /** 32 bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** From 0, below `limit`. */
  below(limit: number): number {
    return this.bits() % limit;
  }

  /** One of several. */
  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  /** Whether something of that chance, in percent, happens. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** Bytes, of which some are at the edges. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => (this.chance(20) ? this.of([0, 0xff, 0x80, 0x7f]) : this.below(256)));
  }

  /** A constant of 32 bits, often one at which arithmetic breaks. */
  constant(): number {
    if (this.chance(40))
      return this.of([0, 1, -1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, -0x8000_0000, -2, 31, 32, 63]);
    return this.bits() | 0;
  }
}
