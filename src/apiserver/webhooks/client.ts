import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerCertificate } from 'node:tls';
import { type JsonObject, type ServiceReference, stringifyJson } from 'nekube/apimachinery';
import { objectOf, type WebhookAnswer } from './answer.ts';
import { certificateProblem, networkProblem } from './network-error.ts';
import type { WebhookTarget } from './target.ts';

/** How a call is made. */
export interface WebhookCall {
  /** After so long the call has failed; told to the webhook as `?timeout=10s`. Default: no limit. */
  readonly timeoutMs?: number;
  /** Aborted when the answer is of no use any more. */
  readonly signal?: AbortSignal;
  /** Default `kube-apiserver-admission`. */
  readonly userAgent?: string;
}

/** Finds the address of a service. @throws Error that becomes the cause of the failed call */
export type ServiceResolver = (service: ServiceReference) => Promise<WebhookAddress>;

/**
 * Answers a call in this process, before it would go over the network; undefined where the webhook is not one of this
 * process. What it throws is taken for a failure of the connection.
 */
export type WebhookDispatch = (call: {
  readonly target: WebhookTarget;
  /** With the time that the webhook has, as `?timeout=10s`. */
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}) => Promise<WebhookAnswer> | undefined;

/** A call of a webhook that is over. */
export interface WebhookCalled {
  readonly target: WebhookTarget;
  /** What was sent, as JSON. */
  readonly body: string;
  /** Undefined: there was none. */
  readonly answer: WebhookAnswer | undefined;
  /** Why there was no answer. */
  readonly error?: unknown;
  readonly tookMs: number;
}

/** Where a connection goes. */
export interface WebhookAddress {
  readonly host: string;
  readonly port: number;
}

/** How a client differs from the usual one. */
export interface WebhookClientOptions {
  /** Where a webhook is that is known by a URL, also after a redirect; undefined: where that says. @throws Error, the cause of the failed call */
  readonly addressOf?: (url: URL) => Promise<WebhookAddress | undefined>;
  /** Is told of each call when it is over; must not throw. */
  readonly onCall?: (call: WebhookCalled) => void;
  /** Is asked before each call. */
  readonly dispatch?: WebhookDispatch;
  /** PEM of who is trusted where a target names no CA; default: whom Node trusts. */
  readonly cas?: () => string;
}

/** A webhook could not be called, or has not answered as one: the message is what client-go would say. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

/** Longer answers are taken for a failure: nothing that admission or conversion needs is near it. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** As client-go: an answer with Retry-After is asked for again, so often. */
const MAX_RETRIES = 10;
const USER_AGENT = 'kube-apiserver-admission';
const MAX_REDIRECTS = 10;
const DEADLINE = 'context deadline exceeded';

/**
 * Calls webhooks over TLS, as kube-apiserver's REST client does: one POST of JSON, answered by JSON; connections are
 * kept and used again. One client serves all that the server calls.
 */
export class WebhookClient {
  readonly #secure = new Agent({ keepAlive: true, maxCachedSessions: 100 });
  readonly #plain = new HttpAgent({ keepAlive: true });
  readonly #resolve: ServiceResolver;
  readonly #options: WebhookClientOptions;

  constructor(resolve: ServiceResolver, options: WebhookClientOptions = {}) {
    this.#resolve = resolve;
    this.#options = options;
  }

  /**
   * Sends an object and reads the one that comes back.
   *
   * @throws WebhookCallError if there was no answer, StatusError if it was a failure, Error if it was no object
   */
  async post(target: WebhookTarget, payload: JsonObject, call: WebhookCall = {}): Promise<JsonObject> {
    return objectOf(await this.exchange(target, stringifyJson(payload), call));
  }

  /** The same for a body that is written already, and any answer. @throws WebhookCallError */
  async exchange(target: WebhookTarget, body: string, call: WebhookCall = {}): Promise<WebhookAnswer> {
    const { onCall } = this.#options;
    if (onCall === undefined) return await this.#exchange(target, body, call);
    const began = performance.now();
    let outcome: Pick<WebhookCalled, 'answer' | 'error'> = { answer: undefined };
    try {
      const answer = await this.#exchange(target, body, call);
      outcome = { answer };
      return answer;
    } catch (error) {
      outcome = { answer: undefined, error };
      throw error;
    } finally {
      onCall({ target, body, tookMs: performance.now() - began, ...outcome });
    }
  }

  async #exchange(target: WebhookTarget, body: string, call: WebhookCall): Promise<WebhookAnswer> {
    const url = urlOf(target, call);
    const limit = call.timeoutMs === undefined ? undefined : AbortSignal.timeout(call.timeoutMs);
    const signals = [limit, call.signal].filter((signal) => signal !== undefined);
    const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
    const failed = (why: string, cause?: unknown) => new WebhookCallError(`Post "${url}": ${why}`, { cause });
    for (let attempt = 0; ; attempt++) {
      const asked = this.#inProcess(target, url, body, call, signal) ?? this.#follow(target, url, body, call, signal);
      const answer = await asked.catch((error: unknown) => {
        if (error instanceof WebhookCallError) throw error;
        if (signal?.aborted) throw failed(limit?.aborted ? DEADLINE : 'context canceled', error);
        throw failed(networkProblem(error, new URL(url).host), error);
      });
      const { retryAfterSeconds: wait } = answer;
      if (wait === undefined || attempt >= MAX_RETRIES || (answer.code !== 429 && answer.code < 500)) return answer;
      await sleep(wait * 1000, undefined, { ...(signal && { signal }), ref: false }).catch(() => {
        throw new WebhookCallError(limit?.aborted ? DEADLINE : 'context canceled');
      });
    }
  }

  /** Ends the connections that wait to be used again. */
  close(): void {
    this.#secure.destroy();
    this.#plain.destroy();
  }

  #inProcess(
    target: WebhookTarget,
    url: string,
    body: string,
    { userAgent = USER_AGENT }: WebhookCall,
    signal: AbortSignal | undefined,
  ): Promise<WebhookAnswer> | undefined {
    const headers = { 'user-agent': userAgent, accept: 'application/json, */*', 'content-type': 'application/json' };
    const answer = this.#options.dispatch?.({ target, url, body, headers, signal });
    return answer && abortable(answer, signal);
  }

  /** Follows redirects as Go's client does: 307 and 308 repeat the call, the others become a GET. */
  async #follow(
    target: WebhookTarget,
    url: string,
    body: string,
    call: WebhookCall,
    signal: AbortSignal | undefined,
  ): Promise<WebhookAnswer> {
    let asked: Asked = { target, url, method: 'POST', body };
    for (let hops = 0; ; hops++) {
      const { answer, location } = await this.#ask(asked, call, signal);
      if (location === undefined) return answer;
      if (hops >= MAX_REDIRECTS) throw new WebhookCallError(`Post "${asked.url}": stopped after 10 redirects`);
      const next = new URL(location, asked.url).href;
      const { service: _, serverName: __, ...elsewhere } = target;
      const same = new URL(next).host === new URL(url).host;
      const repeat = answer.code === 307 || answer.code === 308;
      asked = {
        target: same ? target : { ...elsewhere, url: next },
        url: next,
        ...(repeat ? { method: asked.method, body: asked.body } : { method: 'GET', body: '' }),
      };
    }
  }

  async #ask(asked: Asked, call: WebhookCall, signal: AbortSignal | undefined): Promise<Outcome> {
    const options = await this.#optionsOf(asked, call, signal);
    try {
      return await send(options, asked);
    } catch (error) {
      // a kept connection may have been closed by the other side, unseen: nothing of the call was read then
      if (error instanceof StaleConnection && !signal?.aborted) return send({ ...options, agent: false }, asked);
      throw error instanceof StaleConnection ? error.cause : error;
    }
  }

  async #optionsOf(
    { target, url, method, body }: Asked,
    { userAgent = USER_AGENT }: WebhookCall,
    signal: AbortSignal | undefined,
  ): Promise<RequestOptions> {
    const asked = new URL(url);
    const { protocol, hostname, port, pathname, search, host } = asked;
    const name = hostname.replace(/^\[|\]$/g, '');
    const said = { host: name, port: Number(port || (protocol === 'http:' ? 80 : 443)) };
    const address =
      target.service === undefined
        ? ((await this.#options.addressOf?.(asked)) ?? said)
        : await this.#resolve(target.service);
    const { cert, key, token, username, password } = target.credentials ?? {};
    const ca = target.ca ?? (protocol === 'https:' ? this.#options.cas?.() : undefined);
    return {
      protocol,
      method,
      ...address,
      path: pathname + search,
      agent: protocol === 'http:' ? this.#plain : this.#secure,
      servername: /^[\d.]+$|:/.test(name) ? '' : (target.serverName ?? name),
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        certificateProblem(target.serverName ?? name, certificate),
      rejectUnauthorized: target.insecureSkipTlsVerify !== true,
      allowPartialTrustChain: true,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(signal && { signal }),
      headers: {
        host,
        'user-agent': userAgent,
        accept: 'application/json, */*',
        ...(method === 'POST' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(!token &&
          username && { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }),
      },
    } as RequestOptions;
  }
}

/** Settles as the answer does, unless the signal is aborted first. */
function abortable<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** One request of a call. */
interface Asked {
  readonly target: WebhookTarget;
  readonly url: string;
  readonly method: string;
  readonly body: string;
}

interface Outcome {
  readonly answer: WebhookAnswer;
  /** Where a redirect leads. */
  readonly location?: string;
}

/** A kept connection was closed before anything came back on it. */
class StaleConnection extends Error {}

/** The URL with the time that the webhook has, in whole seconds. */
function urlOf({ url }: WebhookTarget, { timeoutMs }: WebhookCall): string {
  return timeoutMs === undefined ? url : `${url}?timeout=${goSeconds(Math.ceil(timeoutMs / 1000))}`;
}

/** Whole seconds as Go prints a duration. */
function goSeconds(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}

function send(options: RequestOptions, { body }: Asked): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const call: ClientRequest = options.protocol === 'http:' ? httpRequest(options) : httpsRequest(options);
    call.on('error', (error) => {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const stale = call.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      reject(stale ? new StaleConnection('closed', { cause: error }) : error);
    });
    call.on('response', (response) => receive(response).then(resolve, reject));
    call.end(body);
  });
}

async function receive(response: IncomingMessage): Promise<Outcome> {
  const code = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // leaving the loop destroys the connection
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { location, 'content-type': contentType = '', 'retry-after': wait = '' } = response.headers;
  const answer: WebhookAnswer = {
    code,
    contentType,
    body: Buffer.concat(chunks),
    ...(/^\d+$/.test(wait) && { retryAfterSeconds: Number(wait) }),
  };
  return { answer, ...(location !== undefined && [301, 302, 303, 307, 308].includes(code) && { location }) };
}
