import type { Clock } from 'nekube/client';
import type { RunningContainer } from '../runtime/running-container.ts';

/** Even where hooks took all the time there was, a container has so long after its signal. */
const LEAST_GRACE_MS = 2000;

/** How a container is stopped. */
export interface StopOptions {
  readonly graceMs: number;
  /** Default SIGTERM. */
  readonly signal?: string;
  /** Runs before the signal, within the same time. */
  readonly preStop?: () => Promise<void>;
  readonly clock: Clock;
}

/** A container that is being stopped: it is asked, and killed when its time is over. */
export class ContainerStop {
  readonly #container: RunningContainer;
  readonly #options: StopOptions;
  #killAt: number;
  #cancel: (() => void) | undefined;
  /** Resolves when the container has ended. */
  readonly done: Promise<void>;

  constructor(container: RunningContainer, options: StopOptions) {
    this.#container = container;
    this.#options = options;
    this.#killAt = options.clock.elapsed() + options.graceMs;
    this.done = this.#run();
  }

  /** It has less time than it was given; never more. */
  shorten(graceMs: number): void {
    const killAt = this.#options.clock.elapsed() + graceMs;
    if (killAt >= this.#killAt) return;
    this.#killAt = killAt;
    this.#arm();
  }

  async #run(): Promise<void> {
    const { preStop, signal = 'SIGTERM', clock, graceMs } = this.#options;
    const { exited } = this.#container;
    this.#arm();
    if (preStop !== undefined && graceMs > 0) await Promise.race([preStop().catch(() => {}), exited]);
    const least = clock.elapsed() + Math.min(LEAST_GRACE_MS, graceMs);
    if (preStop !== undefined && this.#killAt < least && graceMs > 0) {
      this.#killAt = least;
      this.#arm();
    }
    this.#container.signal(signal);
    await exited;
    this.#cancel?.();
  }

  #arm(): void {
    this.#cancel?.();
    const { clock } = this.#options;
    this.#cancel = clock.after(Math.max(0, this.#killAt - clock.elapsed()), () => this.#container.kill());
  }
}
