import type { KubeObject } from 'nekube/apimachinery';
import type { Client, WatchEvent, WatchOptions } from './client.ts';
import type { Clock } from './clock.ts';
import type { Kind } from './kinds.ts';

/** So long after the server should have ended a watch it is taken for dead: the connection broke and nobody was told. */
const GRACE_MS = 30_000;

/** How a watch is opened. */
export interface WatchSessionOptions extends WatchOptions {
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  readonly clock: Clock;
}

/** One watch, which ends by itself when the server forgets to end it, and knows how it went. */
export class WatchSession<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #outer: AbortSignal;
  readonly #inner = new AbortController();
  readonly #events: AsyncIterator<WatchEvent<T>>;
  readonly #abort = (): void => this.#inner.abort(this.#outer.reason);
  readonly #cancelDeadline: () => void;
  #count = 0;

  constructor(client: Client, kind: Kind<T>, { clock, signal, ...options }: WatchSessionOptions) {
    this.#clock = clock;
    this.#start = clock.elapsed();
    this.#outer = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
    const longest = options.timeoutSeconds * 1000 + GRACE_MS;
    this.#cancelDeadline = clock.after(longest, () => this.giveUp());
    this.#events = client.watch(kind, { ...options, signal: this.#inner.signal })[Symbol.asyncIterator]();
  }

  /** How many events came. */
  get count(): number {
    return this.#count;
  }

  /** Whether it ended at once, and without a word. */
  get wasVeryShort(): boolean {
    return this.#count === 0 && this.#clock.elapsed() - this.#start < 1000;
  }

  /** The next event; undefined: the watch has ended. Rejects with a StatusError, or with what broke. */
  async next(): Promise<WatchEvent<T> | undefined> {
    try {
      const { done, value } = await this.#events.next();
      if (done || this.#inner.signal.aborted) return undefined;
      this.#count++;
      return value;
    } catch (error) {
      if (this.#inner.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Ends the watch; who waits for the next event is told that there is none. */
  giveUp(): void {
    this.#inner.abort(new Error('the watch is given up'));
  }

  /** Ends the watch and forgets it. */
  close(): void {
    this.#cancelDeadline();
    this.#outer.removeEventListener('abort', this.#abort);
    this.giveUp();
    void this.#events.return?.().catch(() => {});
  }
}
