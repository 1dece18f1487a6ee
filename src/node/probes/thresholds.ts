import type { Probe } from '../pod/container.ts';

/** Counts what a probe finds, until it is enough to say that the container is well, or is not. */
export class Thresholds {
  readonly #success: number;
  readonly #failure: number;
  #last: 'passed' | 'failed' | undefined;
  #run = 0;

  constructor({ successThreshold = 1, failureThreshold = 3 }: Pick<Probe, 'successThreshold' | 'failureThreshold'>) {
    this.#success = successThreshold;
    this.#failure = failureThreshold;
  }

  /** Counts one finding; undefined: it is not enough yet to say anything. */
  count(finding: 'passed' | 'failed'): 'passed' | 'failed' | undefined {
    this.#run = this.#last === finding ? this.#run + 1 : 1;
    this.#last = finding;
    return this.#run >= (finding === 'passed' ? this.#success : this.#failure) ? finding : undefined;
  }
}
