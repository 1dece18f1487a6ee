import type { HeaderList } from '../http/header-list.ts';
import type { ClientStream, ClientStreamHandler, RequestMessage, ResponseMessage } from '../http/message.ts';
import { whenLate } from '../http/when-late.ts';
import type { Cluster } from '../upstream/cluster.ts';
import type { ClientConnection, Host } from '../upstream/host.ts';

/** What a backend that we ask ourselves answers. */
export interface Asked {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly trailers: HeaderList | undefined;
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
  const question = new Question(timeoutMs, answered);
  question.put(cluster.choose({}), message, body);
  return () => question.drop();
}

/** A question until it is answered, or nobody waits for that. */
class Question implements ClientStreamHandler {
  readonly #answered: (asked: Asked | undefined) => void;
  readonly #cancel: () => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #head: ResponseMessage | undefined;
  #upstream: ClientStream | undefined;
  #stopWaiting = (): void => {};
  #over = false;

  constructor(timeoutMs: number, answered: (asked: Asked | undefined) => void) {
    this.#answered = answered;
    this.#cancel = whenLate(timeoutMs, () => this.#fail());
  }

  put(host: Host | undefined, message: RequestMessage, body: Buffer): void {
    if (host === undefined) return this.#fail();
    this.#stopWaiting = host.acquire((connection) => {
      if (connection === undefined) this.#fail();
      else this.#send(connection, message, body);
    });
  }

  /** Ends it without an answer. */
  drop(): void {
    this.#over = true;
    this.#cancel();
    // a connection that nobody takes would be lost
    this.#stopWaiting();
    this.#upstream?.reset();
  }

  head(response: ResponseMessage, ended: boolean): void {
    this.#head = response;
    if (ended) this.end();
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_BODY_BYTES) this.#fail();
  }

  end(trailers?: HeaderList): void {
    const { status, headers } = this.#head!;
    this.#finish({ status, headers, body: Buffer.concat(this.#chunks), trailers });
  }

  drain(): void {}

  failed(): void {
    this.#fail();
  }

  #send(connection: ClientConnection, message: RequestMessage, body: Buffer): void {
    try {
      const upstream = connection.request(message, body.length === 0, this);
      this.#upstream = upstream;
      if (body.length === 0) return;
      upstream.write(body);
      upstream.end();
    } catch {
      // it is closing, or the message is none that it can say: nobody is there to ask
      this.#fail();
    }
  }

  #fail(): void {
    if (this.#over) return;
    this.drop();
    this.#answered(undefined);
  }

  #finish(asked: Asked): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel();
    this.#answered(asked);
  }
}
