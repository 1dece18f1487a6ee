import { type JsonValue, parseJson, StatusError } from 'nekube/apimachinery';
import { type Clock, sleep, systemClock } from './clock.ts';
import type { ClientOptions } from './client.ts';
import { ConnectionError, isBrokenConnection } from './errors.ts';
import { failureOf, retryAfterSeconds, type Subject } from './failure.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';
import { WarningSink } from './warnings.ts';

/** So often a request is made again, as client-go does. */
const MOST_RETRIES = 10;
/** How long is waited before a read is made again whose connection broke. */
const BROKEN_WAIT_MS = 1000;

/** What a request is, and what it is about. */
export interface Ask extends TransportRequest {
  readonly subject?: Subject;
}

/**
 * Makes requests until they are answered: in the rate that is allowed, again when the server asks for it (429 and 5xx with
 * Retry-After), and again when a read's connection broke. Shared by a client and those that are made of it.
 */
export class Requester {
  readonly transport: Transport;
  readonly #clock: Clock;
  readonly #limiter: RateLimiter | undefined;
  readonly #warnings: WarningSink;

  constructor(transport: Transport, { rateLimit, onWarning, clock = systemClock }: ClientOptions) {
    this.transport = transport;
    this.#clock = clock;
    this.#limiter = rateLimit && new RateLimiter(rateLimit, clock);
    this.#warnings = new WarningSink(onWarning);
  }

  /** The answer of success as it comes. @throws StatusError, ConnectionError, the reason of the signal */
  open(ask: Ask): Promise<TransportResponse> {
    return this.#persist(ask, async (response) => ({ ...response, body: this.#named(ask, response.body) }));
  }

  /** The answer of success as JSON. @throws StatusError, ConnectionError, the reason of the signal */
  async read(ask: Ask): Promise<JsonValue> {
    const { body, status } = await this.#persist(ask, async (response) => ({
      status: response.status,
      body: await this.#whole(ask, response),
    }));
    if (body.length === 0) return null;
    try {
      return parseJson(body);
    } catch (cause) {
      const message = `${ask.method} ${ask.path.split('?', 1)[0]}: the answer is no JSON`;
      throw new StatusError(
        { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Unknown', code: status },
        { cause },
      );
    }
  }

  async #persist<T>(ask: Ask, use: (response: TransportResponse) => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries++) {
      await this.#limiter?.take(ask.signal);
      const outcome = await this.#once(ask, use);
      if ('result' in outcome) return outcome.result;
      if (outcome.waitMs === undefined || retries === MOST_RETRIES) throw outcome.error;
      if (outcome.waitMs > 0) await sleep(outcome.waitMs, this.#clock, ask.signal);
    }
  }

  /** What came of one attempt: a result, or an error and whether it is worth another attempt. */
  async #once<T>(ask: Ask, use: (response: TransportResponse) => Promise<T>): Promise<Outcome<T>> {
    try {
      const response = await this.#send(ask);
      this.#warnings.take(response.headers.warning);
      if (response.status >= 200 && response.status < 300) return { result: await use(response) };
      const error = failureOf(ask.method, response, await this.#whole(ask, response), ask.subject);
      const seconds = response.status === 429 || response.status >= 500 ? retryAfterSeconds(response) : undefined;
      return { error, waitMs: seconds === undefined ? undefined : seconds * 1000 };
    } catch (error) {
      const again = ask.method === 'GET' && error instanceof ConnectionError && isBrokenConnection(error);
      return { error, waitMs: again ? BROKEN_WAIT_MS : undefined };
    }
  }

  async #send(ask: Ask): Promise<TransportResponse> {
    ask.signal?.throwIfAborted();
    const { subject: _, ...request } = ask;
    try {
      return await this.transport.send(request);
    } catch (cause) {
      throw this.#failed(ask, cause);
    }
  }

  async #whole(ask: Ask, response: TransportResponse): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of response.body) pieces.push(piece);
    } catch (cause) {
      throw this.#failed(ask, cause);
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** A body whose failures say what was asked. */
  async *#named(ask: Ask, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) yield piece;
    } catch (cause) {
      throw this.#failed(ask, cause);
    }
  }

  /** Whoever gave a request up hears his own reason. */
  #failed(ask: Ask, cause: unknown): unknown {
    if (ask.signal?.aborted) return ask.signal.reason;
    return cause instanceof ConnectionError || cause instanceof TypeError || cause instanceof RangeError
      ? cause
      : new ConnectionError(this.transport.url, ask, cause);
  }
}

type Outcome<T> = { readonly result: T } | { readonly error: unknown; readonly waitMs: number | undefined };
