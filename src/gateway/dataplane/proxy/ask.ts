import type { HeaderList } from '../http/header-list.ts';
import type { ClientStream, RequestMessage } from '../http/message.ts';
import type { Cluster } from '../upstream/cluster.ts';

/** What a backend that we ask ourselves answers. */
export interface Asked {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** Of an answer to us; a longer one is none. */
const MOST_BODY_BYTES = 1_048_576;

/**
 * Asks a backend for ourselves. Calls back once: with the answer, or with undefined if there was none in time.
 *
 * @returns what ends it; nothing is called back then
 */
export function ask(
  cluster: Cluster,
  message: RequestMessage,
  body: Buffer,
  timeoutMs: number,
  answered: (asked: Asked | undefined) => void,
): () => void {
  let upstream: ClientStream | undefined;
  let over = false;
  const finish = (asked: Asked | undefined): void => {
    if (over) return;
    end();
    answered(asked);
  };
  const host = cluster.choose({});
  const timer = setTimeout(() => {
    upstream?.reset();
    finish(undefined);
  }, timeoutMs);
  const end = (): void => {
    over = true;
    clearTimeout(timer);
  };
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: { status: number; headers: HeaderList } | undefined;
  const done = (): void => finish(head && { ...head, body: Buffer.concat(chunks) });
  const stop = host?.acquire((connection) => {
    if (connection === undefined || over) {
      finish(undefined);
      return;
    }
    upstream = connection.request(message, body.length === 0, {
      head: (response, ended) => {
        head = response;
        if (ended) done();
      },
      data: (chunk) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes <= MOST_BODY_BYTES) return;
        upstream?.reset();
        finish(undefined);
      },
      end: done,
      drain: () => {},
      failed: () => finish(undefined),
    });
    if (body.length === 0) return;
    upstream.write(body);
    upstream.end();
  });
  if (host === undefined) finish(undefined);
  return () => {
    end();
    stop?.();
    upstream?.reset();
  };
}
