import type { Http2Session } from 'node:http2';

/** A connection is asked for a sign of life so often, and given up when it has not answered after so long. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_ANSWER_MS = 10_000;

/** Asks a connection for signs of life, and ends it when there is none: calls that wait on it would wait for good. */
export function keepAlive(session: Http2Session): void {
  let heard = true;
  const timer = setInterval(() => {
    if (session.destroyed) return clearInterval(timer);
    heard = false;
    session.ping(() => {
      heard = true;
    });
    setTimeout(() => {
      if (!heard) session.destroy(new Error('no answer to a ping'));
    }, KEEPALIVE_ANSWER_MS).unref();
  }, KEEPALIVE_MS);
  timer.unref();
  session.once('close', () => clearInterval(timer));
}
