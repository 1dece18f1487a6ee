import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedError } from '../errors.ts';
import {
  type CallMetadata,
  Channel,
  Code,
  type GrpcError,
  grpcError,
  isGrpcError,
  newTooLate,
  type Stream,
} from 'nekube/grpc';
import { isTokenRefused, isTransient, crossing, wasNotSent } from './errors.ts';
import { type Method, methods, type WatchRequest, type WatchResponse } from './messages.ts';

/** How to reach etcd. */
export interface EtcdAddress {
  /** `http://HOST:PORT` or `https://HOST:PORT`, one a member; they are tried in this order. */
  readonly endpoints: readonly string[];
  /** PEM texts for https: what signed the members' certificates (absent: the machine's CAs), and who we are. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Where etcd has users. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** One call. */
export interface CallOptions {
  /** How long it may take with all its repetitions; default 34 seconds, as long as kube-apiserver lets a write take. */
  readonly timeoutMs?: number;
}

/** A stream of watches at one member. */
export type WatchCall = Stream<WatchRequest, WatchResponse>;

const CALL_MS = 34_000;
/** What may be repeated is tried elsewhere after so long. */
const ATTEMPT_MS = 5000;
/** Pauses after all members failed, in milliseconds: they double. */
const FIRST_PAUSE_MS = 25;
const LAST_PAUSE_MS = 1000;
/** etcd's own client refuses to send more (etcd takes 1.5 MiB by default). */
const MOST_BYTES = 2 * 1024 * 1024;

const HAS_LEADER = { hasleader: 'true' } as const;

/**
 * Calls etcd: one connection a member, of which one is used until it fails.
 *
 * A call that may be repeated is, at the next member, until it succeeds or its time is up; one that may not (a
 * transaction) only if it surely was not handled. So a transaction that fails may have been done all the same, as with
 * etcd's own client.
 */
export class EtcdClient {
  readonly #members: readonly Channel[];
  readonly #user: EtcdAddress['user'];
  readonly #closing = new AbortController();
  #at = 0;
  #token: Promise<string> | undefined;

  constructor({ endpoints, tls = {}, user }: EtcdAddress) {
    this.#members = endpoints.map((endpoint) => new Channel(withPort(endpoint), tls));
    this.#user = user;
  }

  /** Calls a method. @throws GrpcError as it is, ClosedError */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { timeoutMs = CALL_MS }: CallOptions = {},
  ): Promise<Response> {
    const bytes = method.encode(request);
    if (bytes.length > MOST_BYTES) throw tooLarge(bytes.length);
    const deadline = Date.now() + timeoutMs;
    for (let failures = 0, before: GrpcError | undefined; ; failures++) {
      const at = this.#at;
      try {
        return await this.#attempt(method, bytes, at, deadline);
      } catch (error) {
        if (this.#closing.signal.aborted) throw new ClosedError();
        if (!isGrpcError(error) || !this.#mayRepeat(method, error)) throw error;
        // what kept it from being answered in time says more than that it was not
        if (error.code !== Code.deadlineExceeded) before = error;
        if (Date.now() >= deadline) throw Object.assign(newTooLate(), before && { cause: before });
        // a transaction that comes by here again must not be sent to who hangs: it could not be repeated elsewhere
        if (error.code === Code.deadlineExceeded) this.#members[at]!.forsake();
        if (!isTokenRefused(error)) this.failedAt(at);
        if ((failures + 1) % this.#members.length === 0) await this.pause(failures / this.#members.length, deadline);
      }
    }
  }

  /** Calls a method whose failure is an answer of the API. @throws StatusError, ClosedError */
  async ask<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    try {
      return await this.call(method, request, options);
    } catch (error) {
      throw crossing(error);
    }
  }

  /** Opens a stream at the member that is in use, which the second value names for `failedAt`. */
  async openWatch(): Promise<{ readonly call: WatchCall; readonly at: number; readonly version: string }> {
    const at = this.#at;
    const deadline = Date.now() + ATTEMPT_MS;
    const version = await this.#versionAt(at, deadline);
    const { path, encode, decode } = methods.watch;
    const metadata = await this.#metadata(at, deadline);
    const call = await this.#members[at]!.stream({ path, metadata }, { encode, decode });
    return { call, at, version };
  }

  /** The next call goes to another member, unless that is so already. */
  failedAt(at: number): void {
    if (this.#at === at) this.#at = (at + 1) % this.#members.length;
  }

  /** The token is no good any more. */
  forgetToken(): void {
    this.#token = undefined;
  }

  /** Waits a while after failures, the longer the more there were; less if the client is closed. */
  async pause(failures: number, deadline = Number.POSITIVE_INFINITY): Promise<void> {
    const longest = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    const ms = Math.min(longest * (0.5 + Math.random() / 2), Math.max(0, deadline - Date.now()));
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  /** Ends all calls. */
  close(): void {
    this.#closing.abort();
    for (const member of this.#members) member.close();
  }

  async #attempt<Request, Response>(
    method: Method<Request, Response>,
    bytes: Buffer,
    at: number,
    deadline: number,
  ): Promise<Response> {
    const until = method.repeatable ? Math.min(deadline, Date.now() + ATTEMPT_MS) : deadline;
    return this.#send(method, bytes, at, until, await this.#metadata(at, until));
  }

  async #send<Request, Response>(
    { path, decode }: Method<Request, Response>,
    bytes: Buffer,
    at: number,
    deadline: number,
    metadata: CallMetadata,
  ): Promise<Response> {
    if (this.#closing.signal.aborted) throw new ClosedError();
    return decode(await this.#members[at]!.call({ path, metadata, deadline }, bytes));
  }

  #mayRepeat(method: Method<never, unknown>, error: GrpcError): boolean {
    if (isTokenRefused(error)) {
      this.forgetToken();
      return this.#user !== undefined;
    }
    return wasNotSent(error) || (method.repeatable && isTransient(error));
  }

  /** A member that has no leader is to say so, and not to answer from what it knew; and who asks, where that counts. */
  async #metadata(at: number, deadline: number): Promise<CallMetadata> {
    if (this.#user === undefined) return HAS_LEADER;
    this.#token ??= this.#authenticate(this.#user, at, deadline);
    const token = this.#token;
    try {
      return { ...HAS_LEADER, token: await token };
    } catch (error) {
      if (this.#token === token) this.#token = undefined;
      throw error;
    }
  }

  async #authenticate(user: { name: string; password: string }, at: number, deadline: number): Promise<string> {
    const request = methods.authenticate.encode(user);
    const { token } = await this.#send(methods.authenticate, request, at, deadline, {});
    return token;
  }

  /** etcd's version at a member; empty where only etcd's root may know it, as newer ones have it. */
  async #versionAt(at: number, deadline: number): Promise<string> {
    try {
      const metadata = await this.#metadata(at, deadline);
      const { version } = await this.#send(methods.status, methods.status.encode({}), at, deadline, metadata);
      return version;
    } catch (error) {
      if (isGrpcError(error) && (error.code === Code.permissionDenied || error.code === Code.invalidArgument))
        return '';
      throw error;
    }
  }
}

/** etcd's port is not that of http. */
function withPort(endpoint: string): string {
  const { protocol, hostname, port } = new URL(endpoint);
  return `${protocol}//${hostname}:${port || '2379'}`;
}

function tooLarge(bytes: number): GrpcError {
  const details = `trying to send message larger than max (${bytes} vs. ${MOST_BYTES})`;
  return grpcError(Code.resourceExhausted, details);
}
