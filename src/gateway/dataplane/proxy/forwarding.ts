import type { Forward, Retry } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ClientStream, ClientStreamHandler, Failure, RequestMessage, ResponseMessage } from '../http/message.ts';
import { whenLate } from '../http/when-late.ts';
import type { Cluster } from '../upstream/cluster.ts';
import type { ClientConnection, Host } from '../upstream/host.ts';
import type { LocalReply } from './local-reply.ts';
import type { RequestBody } from './request-body.ts';

/** Who has a request forwarded. */
export interface ForwardingOwner {
  readonly body: RequestBody;
  /** Does what belongs to the request; what it throws ends the request alone. */
  guarded(work: () => void): void;
  answerHead(response: ResponseMessage, ended: boolean, host: Host): void;
  /** @returns false if the client takes no more until `drained` */
  answerData(chunk: Buffer): boolean;
  answerEnd(trailers: HeaderList | undefined): void;
  /** Nothing was answered yet. */
  reply(reply: LocalReply): void;
  /** Something was, and there will be no more. */
  answerBroken(): void;
}

/** What is forwarded, and where. */
export interface ForwardingParts {
  readonly forward: Forward;
  readonly cluster: Cluster;
  readonly message: RequestMessage;
  readonly hashKey: string | undefined;
  readonly session: string | undefined;
  readonly random: () => number;
}

const SAFE_AGAIN = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const DEFAULT_BACKOFF_MS = 25;
/** How often an endpoint that takes no connection is left for another. */
const MOST_FAILOVERS = 3;

/**
 * A request at a backend: attempts until one is answered. What was certainly not sent goes to another endpoint at once; what
 * may have been sent is tried again only as the route says, or where a connection that was used before turned out to be
 * closed and the request changes nothing.
 */
export class Forwarding implements ClientStreamHandler {
  readonly #owner: ForwardingOwner;
  readonly #parts: ForwardingParts;
  readonly #retry: Retry | undefined;
  #tried: Host[] | undefined;
  #attempts = 0;
  #failovers = 0;
  #host: Host | undefined;
  #upstream: ClientStream | undefined;
  #stopWaiting: (() => void) | undefined;
  #stopAttemptTimer = (): void => {};
  #backoffTimer: NodeJS.Timeout | undefined;
  #answering = false;
  #over = false;
  #retrying = false;

  constructor(owner: ForwardingOwner, parts: ForwardingParts) {
    this.#owner = owner;
    this.#parts = parts;
    this.#retry = parts.forward.retry;
    if (this.#retry !== undefined && this.#retry.attempts > 0) owner.body.keep();
  }

  /** Asks an endpoint. */
  start(): void {
    const { cluster, hashKey, session, forward } = this.#parts;
    const host = cluster.choose({ hashKey, session, tried: this.#tried });
    if (host === undefined) {
      this.#giveUp({ status: 503, body: 'no healthy upstream' });
      return;
    }
    if (!cluster.limits.mayRequest) {
      this.#giveUp(overflow());
      return;
    }
    this.#host = host;
    host.active++;
    cluster.limits.requests++;
    cluster.requested();
    if (forward.backendTimeoutMs) {
      this.#stopAttemptTimer = whenLate(forward.backendTimeoutMs, () =>
        this.#owner.guarded(() => this.#attemptTimedOut()),
      );
    }
    this.#stopWaiting = host.acquire((connection, failure) => {
      this.#stopWaiting = undefined;
      if (connection === undefined) this.failed(failure!);
      else this.#owner.guarded(() => this.#send(connection));
    });
  }

  /** Nobody waits for an answer. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abandon();
    clearTimeout(this.#backoffTimer);
  }

  /** The client goes on reading. */
  drained(): void {
    this.#upstream?.resume();
  }

  /** After an answer of 101. */
  takeOver(): ReturnType<ClientStream['takeOver']> {
    const connection = this.#upstream!.takeOver();
    this.#over = true;
    this.#leave();
    return connection;
  }

  head(response: ResponseMessage, ended: boolean): void {
    if (this.#over) return;
    const host = this.#host!;
    this.#parts.cluster.report(host, response.status);
    if (this.#retry?.codes.includes(response.status) === true && this.#mayTryAgain()) {
      this.#abandon();
      this.#tryLater();
      return;
    }
    this.#stopAttemptTimer();
    this.#answering = true;
    // over for us before the owner hears of it: who ends all that goes on must not end this
    if (ended) this.#finish();
    this.#owner.answerHead(response, ended, host);
  }

  data(chunk: Buffer): void {
    if (!this.#over && !this.#owner.answerData(chunk)) this.#upstream?.pause();
  }

  end(trailers?: HeaderList): void {
    if (this.#over) return;
    this.#finish();
    this.#owner.answerEnd(trailers);
  }

  drain(): void {
    this.#owner.body.drained();
  }

  failed(failure: Failure): void {
    this.#owner.guarded(() => this.#failed(failure));
  }

  #failed(failure: Failure): void {
    if (this.#over) return;
    const host = this.#host!;
    this.#owner.body.detach();
    this.#upstream = undefined;
    this.#leave();
    if (this.#answering) {
      this.#over = true;
      this.#owner.answerBroken();
      return;
    }
    if (failure.reason !== 'overflow') this.#parts.cluster.report(host, undefined);
    if (this.#mayFailOver(failure)) {
      this.#failovers++;
      this.#tried = [...(this.#tried ?? []), host];
      this.start();
    } else if (this.#retry?.connectionErrors === true && failure.reason !== 'overflow' && this.#mayTryAgain()) {
      this.#tried = [...(this.#tried ?? []), host];
      this.#tryLater();
    } else this.#giveUp(replyOf(failure));
  }

  #send(connection: ClientConnection): void {
    const { body } = this.#owner;
    try {
      this.#upstream = connection.request(this.#parts.message, body.empty, this);
    } catch (error) {
      this.failed({ reason: 'refused', message: (error as Error).message });
      return;
    }
    body.attach(this.#upstream);
  }

  /** Whether a request was not done by this endpoint, and may be by another, or by another connection. */
  #mayFailOver({ reason, stale }: Failure): boolean {
    const { message } = this.#parts;
    const { body } = this.#owner;
    if (this.#failovers >= MOST_FAILOVERS) return false;
    if (stale === true) return this.#retry === undefined && body.empty && SAFE_AGAIN.has(message.method);
    if (reason !== 'connect' && reason !== 'refused') return false;
    return body.replayable && this.#parts.cluster.hasOther([...(this.#tried ?? []), this.#host!]);
  }

  #mayTryAgain(): boolean {
    const { cluster } = this.#parts;
    return this.#attempts < (this.#retry?.attempts ?? 0) && this.#owner.body.replayable && cluster.limits.mayRetry;
  }

  /** Where a policy allows no more retries, that is the answer. */
  #tryLater(): void {
    if (!this.#parts.cluster.takeRetry()) {
      this.#giveUp({ status: 503, body: 'no more retries are allowed to this backend for now' });
      return;
    }
    const base = this.#retry?.backoffMs ?? DEFAULT_BACKOFF_MS;
    const delayMs = base * 2 ** Math.min(this.#attempts, 3) * (1 + this.#parts.random() * 0.25);
    this.#attempts++;
    this.#parts.cluster.limits.retries++;
    this.#retrying = true;
    this.#backoffTimer = setTimeout(() => this.#owner.guarded(() => this.start()), delayMs);
  }

  #attemptTimedOut(): void {
    if (this.#over || this.#answering) return;
    const host = this.#host!;
    this.#parts.cluster.report(host, undefined);
    this.#abandon();
    if (this.#retry?.backendTimeouts === true && this.#mayTryAgain()) this.#tryLater();
    else this.#giveUp({ status: 504, body: 'upstream request timeout' });
  }

  #finish(): void {
    this.#over = true;
    // an answer that came before all of the request: the rest of it is of no interest
    if (!this.#owner.body.ended) this.#upstream?.reset();
    this.#leave();
  }

  #giveUp(reply: LocalReply): void {
    this.#over = true;
    this.#leave();
    this.#owner.reply(reply);
  }

  /** Ends the attempt, whatever it waits for. */
  #abandon(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#owner.body.detach();
    this.#upstream?.reset();
    this.#upstream = undefined;
    this.#leave();
  }

  #leave(): void {
    const { limits } = this.#parts.cluster;
    this.#stopAttemptTimer();
    if (this.#retrying) limits.retries--;
    this.#retrying = false;
    if (this.#host === undefined) return;
    this.#host.active--;
    limits.requests--;
    this.#host = undefined;
  }
}

function overflow(): LocalReply {
  const body = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';
  return { status: 503, body, headers: ['x-envoy-overloaded', 'true'] };
}

/** As Envoy answers. */
function replyOf({ reason, message }: Failure): LocalReply {
  if (reason === 'overflow') return overflow();
  const before = 'upstream connect error or disconnect/reset before headers. reset reason: ';
  if (reason === 'connect') {
    return { status: 503, body: `${before}remote connection failure, transport failure reason: ${message}` };
  }
  if (reason === 'protocol') return { status: 502, body: `${before}protocol error` };
  return { status: 503, body: before + message };
}
