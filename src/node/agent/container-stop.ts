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
  readonly preStop?: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** A container that is being stopped: it is asked, and killed when its time is over. */
export class ContainerStop {
  readonly #container: RunningContainer;
  readonly #options: StopOptions;
  #killAt: number;
  #isAsked = false;
  #hurry: (() => void) | undefined;
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
    if (this.#isAsked) this.#arm();
    else this.#hurry?.();
  }

  async #run(): Promise<void> {
    const { preStop, signal = 'SIGTERM', clock, graceMs } = this.#options;
    const { exited } = this.#container;
    if (preStop !== undefined && graceMs > 0) {
      const over = new AbortController();
      const ended = exited.then(() => over.abort());
      await Promise.race([preStop(over.signal).catch(() => {}), this.#timeUp(over.signal), ended]);
      over.abort();
    }
    const least = clock.elapsed() + Math.min(LEAST_GRACE_MS, graceMs);
    if (preStop !== undefined && this.#killAt < least) this.#killAt = least;
    this.#isAsked = true;
    this.#arm();
    this.#container.signal(signal);
    await exited;
    this.#cancel?.();
  }

  /** Resolves when there is no time left for hooks. */
  #timeUp(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const wait = (): void => {
        const cancel = clock.after(Math.max(0, this.#killAt - clock.elapsed()), resolve);
        this.#hurry = () => {
          cancel();
          wait();
        };
        signal.addEventListener('abort', cancel, { once: true });
      };
      wait();
    });
  }

  #arm(): void {
    this.#cancel?.();
    const { clock } = this.#options;
    this.#cancel = clock.after(Math.max(0, this.#killAt - clock.elapsed()), () => this.#container.kill());
  }
}
