import { setMaxListeners } from 'node:events';
import { aborted } from './deferred.ts';
import type { Runnable } from './runnable.ts';

/** Runnables that start and stop together: a group of a manager. */
export class RunnableSet {
  readonly #abort = new AbortController();
  readonly #waiting: Runnable[] = [];
  readonly #running = new Map<Runnable, Promise<void>>();
  readonly #onError: (error: unknown, runnable: Runnable) => void;
  #started = false;

  /** @param onError gets what a runnable rejects with, also while it stops */
  constructor(onError: (error: unknown, runnable: Runnable) => void) {
    this.#onError = onError;
    // everything that runs listens to it: there are as many as there are
    setMaxListeners(0, this.#abort.signal);
  }

  /** Those that were told to stop and have not ended, by name. */
  get late(): string[] {
    return this.#abort.signal.aborted ? [...this.#running.keys()].map(({ name }) => name) : [];
  }

  /** Adds one; it starts at once if the set has started. @throws Error if the set has stopped */
  add(runnable: Runnable): void {
    if (this.#abort.signal.aborted) throw new Error(`Cannot add ${runnable.name}: the manager is stopping`);
    if (this.#started) this.#run(runnable);
    else this.#waiting.push(runnable);
  }

  /** Starts all; resolves when all are ready, or when it is stopped. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    await Promise.all(this.#waiting.splice(0).map((runnable) => this.#run(runnable)));
  }

  /** Stops all, and resolves when all have ended. What did not start stays so. */
  async stop(): Promise<void> {
    this.#started = true;
    this.#waiting.length = 0;
    this.#abort.abort(new DOMException('The manager is stopping', 'AbortError'));
    await Promise.all(this.#running.values());
  }

  /** Resolves when it is ready. */
  #run(runnable: Runnable): Promise<void> {
    const { signal } = this.#abort;
    const fail = (error: unknown): void => {
      if (!(signal.aborted && isReasonOf(signal, error))) this.#onError(error, runnable);
    };
    const started = callSoon(() => runnable.start(signal)).catch(fail);
    this.#running.set(
      runnable,
      started.then(() => void this.#running.delete(runnable)),
    );
    if (runnable.ready === undefined) return Promise.resolve();
    return Promise.race([callSoon(() => runnable.ready!(signal)).catch(fail), aborted(signal)]);
  }
}

/** Calls now; what is thrown becomes a rejection. */
async function callSoon(call: () => Promise<void>): Promise<void> {
  await call();
}

/** Whether an error says only that the signal was aborted. */
function isReasonOf(signal: AbortSignal, error: unknown): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
