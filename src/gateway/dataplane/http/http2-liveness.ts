import type { ServerHttp2Session } from 'node:http2';
import type { Expiring, Sweeper } from './sweeper.ts';

/** So long a client is left alone, and so long it may take to answer. */
const QUIET_MS = 60_000;
const ANSWER_MS = 60_000;

/**
 * Asks a client of HTTP/2 from time to time whether it is there, and ends the connection where it is not. A connection whose protocol
 * was broken has said GOAWAY and does nothing any more, but Node leaves it open as long as the client does, with all that it has begun:
 * it answers nothing either.
 */
export class Http2Liveness implements Expiring {
  deadline: number;
  readonly #session: ServerHttp2Session;
  readonly #sweeper: Sweeper;
  #asked = false;

  constructor(session: ServerHttp2Session, sweeper: Sweeper) {
    this.#session = session;
    this.#sweeper = sweeper;
    this.deadline = sweeper.now + QUIET_MS;
    sweeper.add(this);
    session.on('close', () => sweeper.delete(this));
  }

  expire(): void {
    if (this.#session.destroyed) return;
    if (this.#asked) {
      this.#session.destroy();
      return;
    }
    this.#asked = true;
    this.deadline = this.#sweeper.now + ANSWER_MS;
    this.#session.ping((error) => {
      if (error !== null) return;
      this.#asked = false;
      this.deadline = this.#sweeper.now + QUIET_MS;
    });
  }
}
