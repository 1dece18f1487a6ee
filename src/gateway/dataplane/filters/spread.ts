import type { Fraction, WeightedBackend } from '../../model/index.ts';

/**
 * Chooses by weights without chance (smooth weighted round robin): after as many choices as the weights are in sum, each was
 * chosen exactly so often, and never in a row if it need not.
 */
export class WeightedSpread {
  readonly #choices: readonly WeightedBackend[];
  readonly #credit: number[];
  readonly #total: number;

  constructor(choices: readonly WeightedBackend[]) {
    this.#choices = choices.filter(({ weight }) => weight > 0);
    this.#credit = this.#choices.map(() => 0);
    this.#total = this.#choices.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Undefined: there is nothing to choose from. */
  next(): WeightedBackend | undefined {
    if (this.#choices.length <= 1) return this.#choices[0];
    let best = 0;
    for (let i = 0; i < this.#choices.length; i++) {
      this.#credit[i]! += this.#choices[i]!.weight;
      if (this.#credit[i]! > this.#credit[best]!) best = i;
    }
    this.#credit[best]! -= this.#total;
    return this.#choices[best];
  }
}

/** Takes a fraction of all, evenly. */
export class FractionSpread {
  readonly #fraction: Fraction;
  #credit = 0;

  constructor(fraction: Fraction) {
    this.#fraction = fraction;
  }

  take(): boolean {
    this.#credit += this.#fraction.numerator;
    if (this.#credit < this.#fraction.denominator) return false;
    this.#credit -= this.#fraction.denominator;
    return true;
  }
}
