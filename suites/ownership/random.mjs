// Seeded random choices: the same seed makes the same objects on every machine.

/** A source of random choices. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = (seed * 2654435761) >>> 0;
  }

  /** From 0 to below 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n) {
    return Math.floor(this.next() * n);
  }

  chance(p) {
    return this.next() < p;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Some of a list, in its order; each with the same chance. */
  some(list, p = 0.5) {
    return list.filter(() => this.chance(p));
  }
}
