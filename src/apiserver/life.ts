import type { HttpResponse } from './context.ts';

/**
 * How long a request matters to anybody: until its client goes away, its time is over, or the server closes.
 *
 * Most requests are answered before anybody asks, so there is a signal, and somebody who listens to the connection, only
 * once `signal` has been read.
 */
export class Life {
  readonly #response: HttpResponse;
  #controller: AbortController | undefined;
  #ended = false;
  /** When its time is over, by the clock of `performance.now()`. */
  deadline = Number.POSITIVE_INFINITY;
  /** Called when its time is over. */
  expire: (() => void) | undefined;

  constructor(response: HttpResponse) {
    this.#response = response;
  }

  /** Whether nobody waits for the answer any more. */
  get isOver(): boolean {
    return this.#ended || isGone(this.#response);
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isOver) this.#controller.abort();
      else this.#response.once('close', this.#close);
    }
    return this.#controller.signal;
  }

  /** Ends it; what is still being done for it is told. */
  end(): void {
    this.#ended = true;
    this.#controller?.abort();
  }

  /** The request is served: the signal stays as it is. */
  settle(): void {
    if (this.#controller !== undefined) this.#response.off('close', this.#close);
  }

  readonly #close = (): void => this.end();
}

/** Whether the client has gone away before it was answered. */
function isGone(response: HttpResponse): boolean {
  return 'stream' in response ? (response.stream?.destroyed ?? true) : response.destroyed;
}
