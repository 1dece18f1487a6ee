import type { KubeObject } from 'nekube/apimachinery';
import type { WatchEvent, WatchOptions } from '../client.ts';
import type { Clock } from '../clock.ts';

/** One watch of a model server: events that wait to be taken, until it ends, is aborted, or its time is over. */
export class ModelWatch {
  readonly takesBookmarks: boolean;
  /** The connection is gone and nobody was told. */
  isDead = false;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: () => void;
  readonly #cancelTimeout: () => void;
  readonly #waiting: WatchEvent[] = [];
  #isEnded = false;
  #error: unknown;
  #wake = (): void => {};

  constructor({ allowBookmarks = false, timeoutSeconds = 600, signal }: WatchOptions, clock: Clock, onEnd: () => void) {
    this.takesBookmarks = allowBookmarks;
    this.#signal = signal;
    this.#onEnd = onEnd;
    this.#cancelTimeout = clock.after(timeoutSeconds * 1000, () => this.end());
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Sends an event, as a copy of its own. */
  push(event: WatchEvent): void {
    if (this.isDead || this.#isEnded) return;
    this.#waiting.push({ type: event.type, object: copyOf(event.object) });
    this.#wake();
  }

  /** Ends it after what was sent, or breaks it off. Who is cut off does not hear of it. */
  end(error?: unknown): void {
    if (this.isDead || this.#isEnded) return;
    this.#finish(error);
  }

  /** What the client takes. */
  async *events(): AsyncGenerator<WatchEvent> {
    try {
      for (;;) {
        const event = this.#waiting.shift();
        if (event !== undefined) yield event;
        else if (this.#error !== undefined) throw this.#error;
        else if (this.#isEnded) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#finish(undefined);
    }
  }

  readonly #abort = (): void => {
    this.#waiting.length = 0;
    this.#finish(this.#signal?.reason);
  };

  #finish(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#cancelTimeout();
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#onEnd();
    this.#wake();
  }
}

/** A copy of an object of a model; a structured clone takes ten times as long. */
export function copyOf(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata }, ...(object.data && { data: { ...object.data } }) };
}
