/** How a check ended: `wrong` is an answer that is not the wanted one, `silent` no answer. */
export type CheckResult = 'well' | 'wrong' | 'silent';

/** How many results in a row it takes. */
export interface HealthThresholds {
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
}

/**
 * What checks have found of an endpoint, counted as in Envoy: it is not well until the first check says so, which one success
 * does; a wrong answer counts at once, and silence as often as the threshold says.
 */
export class HealthRecord {
  healthy = false;
  readonly #thresholds: HealthThresholds;
  #first = true;
  #inRow = 0;

  constructor(thresholds: HealthThresholds) {
    this.#thresholds = thresholds;
  }

  /** @returns whether it is well now */
  take(result: CheckResult): boolean {
    const against = this.healthy === (result !== 'well');
    this.#inRow = against ? this.#inRow + 1 : 0;
    if (against && this.#isEnough(result)) {
      this.healthy = result === 'well';
      this.#inRow = 0;
    }
    this.#first = false;
    return this.healthy;
  }

  #isEnough(result: CheckResult): boolean {
    if (result === 'wrong') return true;
    if (result === 'well') return this.#first || this.#inRow >= this.#thresholds.healthyThreshold;
    return this.#inRow >= this.#thresholds.unhealthyThreshold;
  }
}
