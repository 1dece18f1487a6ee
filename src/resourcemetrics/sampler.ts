import { type Measurements, measure, type Sample } from './sample.ts';

/** How samples are taken. */
export interface SamplerOptions {
  readonly source: () => Sample;
  /** How far they are apart. */
  readonly resolutionMs: number;
  /** True: nothing is measured between two samples, so that one is taken only when somebody asks. */
  readonly onDemand?: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Takes samples, and knows what was used between the last two of them. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #before: Sample | undefined;
  #last: Sample;
  #measured: Measurements | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#last = options.source();
    if (options.onDemand) return;
    this.#timer = setInterval(() => this.take(), options.resolutionMs);
    this.#timer.unref();
  }

  /** Takes a sample. */
  take(): void {
    this.#before = this.#last;
    this.#last = this.#options.source();
    this.#measured = undefined;
  }

  /** What was used of late. */
  measurements(): Measurements {
    const { onDemand = false, now, resolutionMs } = this.#options;
    if (onDemand && now() - this.#last.at >= resolutionMs) this.take();
    return (this.#measured ??= measure(this.#last, this.#before, resolutionMs));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
