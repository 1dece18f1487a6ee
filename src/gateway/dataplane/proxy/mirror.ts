import type { Mirror } from '../../model/index.ts';
import { HeaderList } from '../http/header-list.ts';
import type { ClientStream, RequestMessage } from '../http/message.ts';
import type { ClientConnection, Host } from '../upstream/host.ts';
import type { Exchange } from './exchange.ts';
import type { BodyCopy } from './request-body.ts';

/** What a mirror may be behind with; it gets no more of a request than that. */
const MOST_WAITING_BYTES = 1_048_576;

/** A copy of a request that may take for ever is not answered for ever. */
const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * Sends a copy of a request, whose answer nobody waits for: neither the client nor the backend hears of it. It has as long as the
 * request has, `timeoutMs`, or as Envoy's routes have by default.
 */
export function startMirror(exchange: Exchange, mirror: Mirror, message: RequestMessage, timeoutMs?: number): void {
  const { plane, body, stream } = exchange;
  const cluster = plane.clusters.get(mirror.backend);
  const host = cluster?.choose({});
  if (host === undefined) return;
  const { method, authority, path } = message;
  // a change of protocol is between the client and its backend
  const headers = new HeaderList([...message.headers.flat]);
  const copy = new MirrorCopy({ method, authority, path, headers }, stream.requestEnded);
  body.copyTo(copy);
  exchange.onOver(() => {
    if (!body.ended) copy.give();
  });
  copy.waitFor(host, timeoutMs || DEFAULT_TIMEOUT_MS);
}

/** The body for a mirror, which waits until there is a connection. */
class MirrorCopy implements BodyCopy {
  readonly #message: RequestMessage;
  readonly #empty: boolean;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #ended = false;
  #given = false;
  #isAnswered = false;
  #upstream: ClientStream | undefined;
  #stopWaiting: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(message: RequestMessage, empty: boolean) {
    this.#message = message;
    this.#empty = empty;
  }

  /** Has it sent as soon as the endpoint has a connection for it; what is not answered when the time is over never is. */
  waitFor(host: Host, timeoutMs: number): void {
    this.#timer = setTimeout(() => this.give(), timeoutMs);
    this.#timer.unref();
    this.#stopWaiting = host.acquire((connection) => {
      if (connection === undefined) this.give();
      else this.#sendOn(connection);
    });
  }

  #sendOn(connection: ClientConnection): void {
    try {
      this.#upstream = connection.request(this.#message, this.#empty, {
        head: (_response, ended) => {
          if (ended) this.#answered();
        },
        data: () => {},
        end: () => this.#answered(),
        drain: () => this.#flush(),
        failed: () => this.#lost(),
      });
    } catch {
      this.give();
      return;
    }
    this.#flush();
  }

  /** It gets nothing any more. */
  give(): void {
    this.#given = true;
    clearTimeout(this.#timer);
    // a connection that nobody takes would be lost
    this.#stopWaiting?.();
    this.#waiting = [];
    this.#upstream?.reset();
    this.#upstream = undefined;
  }

  write(chunk: Buffer): void {
    if (this.#given) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.give();
    else if (this.#upstream !== undefined) this.#flush();
  }

  end(): void {
    this.#ended = true;
    if (!this.#empty && this.#waiting.length === 0) this.#upstream?.end();
    this.#finish();
  }

  #answered(): void {
    this.#isAnswered = true;
    this.#finish();
  }

  /** Over when it is both sent and answered. */
  #finish(): void {
    if (!this.#isAnswered || !(this.#ended || this.#empty)) return;
    clearTimeout(this.#timer);
    this.#upstream = undefined;
  }

  #lost(): void {
    this.#upstream = undefined;
    this.give();
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const chunk = this.#waiting.shift()!;
      this.#waitingBytes -= chunk.length;
      if (this.#upstream?.write(chunk) !== true) return;
    }
    if (this.#ended && !this.#empty) this.#upstream?.end();
  }
}
