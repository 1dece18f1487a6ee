import type { HealthCheck } from '../../model/index.ts';
import { type ProbeTarget, probe } from './health-probe.ts';
import { HealthRecord } from './health-record.ts';

/** Asks an endpoint again and again whether it is well, until it is stopped. */
export class HealthChecker {
  readonly #target: ProbeTarget;
  readonly #check: HealthCheck;
  readonly #record: HealthRecord;
  readonly #found: (healthy: boolean) => void;
  #stop: () => void = () => {};

  /** @param found hears after each check */
  constructor(target: ProbeTarget, check: HealthCheck, found: (healthy: boolean) => void) {
    this.#target = target;
    this.#check = check;
    this.#record = new HealthRecord(check);
    this.#found = found;
    this.#ask();
  }

  stop(): void {
    this.#stop();
  }

  #ask(): void {
    this.#stop = probe(this.#target, this.#check, (result) => {
      this.#found(this.#record.take(result));
      const timer = setTimeout(() => this.#ask(), this.#check.intervalMs);
      timer.unref();
      this.#stop = () => clearTimeout(timer);
    });
  }
}
