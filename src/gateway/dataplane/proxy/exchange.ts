import type { HeaderChange, RouteSettings } from '../../model/index.ts';
import type { RequestRecord } from '../access-log/request-record.ts';
import { type Compressor, startCompression } from '../compression/compressor.ts';
import { changeHeaders } from '../filters/header-change.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ResponseMessage, ServerStream, ServerStreamHandler } from '../http/message.ts';
import { joinRaw } from '../http/raw-connection.ts';
import type { Expiring } from '../http/sweeper.ts';
import { whenLate } from '../http/when-late.ts';
import type { Host } from '../upstream/host.ts';
import type { ChainContext, PlaneContext } from './context.ts';
import { Forwarding, type ForwardingOwner, type ForwardingParts } from './forwarding.ts';
import { type LocalReply, localReply } from './local-reply.ts';
import { RequestBody } from './request-body.ts';

/** So much of a request is kept for a further attempt (as Envoy's limit of a connection's buffer). */
const DEFAULT_BUFFER_BYTES = 1_048_576;
const DEFAULT_STREAM_IDLE_MS = 300_000;
/** Of what was a request and is a WebSocket. */
const TUNNEL_IDLE_MS = 3_600_000;

/** What is done to an answer, whoever gives it. */
export interface AnswerChanges {
  /** In this order. */
  readonly changes: readonly HeaderChange[];
  /** Name, value, name, value… */
  readonly headers: readonly string[];
  /** Of answers of backends. */
  readonly ofBackend?: (headers: HeaderList, host: Host) => void;
}

/** What of compressing a route and a client say. */
export interface CompressionWish {
  readonly kinds: NonNullable<RouteSettings['compression']>;
  readonly accepted: string | undefined;
}

/** What is done with a request is decided by this. */
export type Decide = (exchange: Exchange) => void;

/** A request from its head to the end of its answer: what its client sends and gets. */
export class Exchange implements ServerStreamHandler, ForwardingOwner, Expiring {
  deadline: number;
  readonly stream: ServerStream;
  readonly plane: PlaneContext;
  readonly chain: ChainContext;
  readonly body: RequestBody;
  /** It is answered, or its client is gone: nothing is to be done any more. */
  over = false;
  grpc = false;
  /** Of the body; beyond it: 413. */
  maxBodyBytes = Number.POSITIVE_INFINITY;
  answerChanges: AnswerChanges | undefined;
  /** Answers are compressed, if both sides allow it. */
  compression: CompressionWish | undefined;
  /** What logs tell of it, where there are some. */
  record: RequestRecord | undefined;
  readonly #idleMs: number;
  #forwarding: Forwarding | undefined;
  #compressor: Compressor | undefined;
  #stopTimer: (() => void) | undefined;
  #requestTimeoutMs = 0;
  #responded = false;
  #onOver: (() => void)[] | undefined;

  constructor(stream: ServerStream, plane: PlaneContext, chain: ChainContext) {
    this.stream = stream;
    this.plane = plane;
    this.chain = chain;
    this.#idleMs = chain.settings?.streamIdleTimeoutMs ?? DEFAULT_STREAM_IDLE_MS;
    this.deadline = this.#idleMs === 0 ? Number.POSITIVE_INFINITY : plane.sweeper.now + this.#idleMs;
    this.body = new RequestBody(stream, chain.settings?.bufferBytes ?? DEFAULT_BUFFER_BYTES);
  }

  /** Takes the request. Nothing that goes wrong with it leaves this. */
  start(decide: Decide): void {
    this.plane.sweeper.add(this);
    this.stream.handle(this);
    this.guarded(() => decide(this));
  }

  /** Does what belongs to this request; what it throws ends this request alone. */
  guarded(work: () => void): void {
    if (this.over) return;
    try {
      work();
    } catch (error) {
      this.plane.onError(error);
      this.#breakOff();
    }
  }

  /** Hears that it is over; at once if it is. */
  onOver(listener: () => void): void {
    if (this.over) listener();
    else (this.#onOver ??= []).push(listener);
  }

  /** Hands it to a backend. */
  forward(parts: ForwardingParts): void {
    this.#requestTimeoutMs = parts.forward.requestTimeoutMs ?? 0;
    this.#forwarding = new Forwarding(this, parts);
    if (this.body.ended) this.#startRequestTimer();
    this.#forwarding.start();
  }

  /** Answers without a backend. */
  reply(reply: LocalReply): void {
    if (this.over) return;
    const { message, body } = localReply(reply, this.grpc);
    this.#change(message.headers);
    this.#responded = true;
    this.record?.replied(message.status, message.headers, reply.body ?? '');
    if (this.record !== undefined) this.record.bytesSent = body.length;
    this.stream.respond(message, body.length === 0);
    if (body.length > 0) {
      this.stream.write(body);
      this.stream.end();
    }
    this.#finish();
  }

  /** Ends it as far as that can still be told: by an answer, or by breaking off the one that began. */
  fail(reply: LocalReply): void {
    if (this.#responded) this.answerBroken();
    else this.reply(reply);
  }

  expire(): void {
    this.guarded(() => this.fail({ status: this.body.ended ? 504 : 408, body: 'stream timeout' }));
  }

  data(chunk: Buffer): void {
    if (this.over) return;
    this.#touch();
    this.guarded(() => {
      if (this.body.bytes + chunk.length > this.maxBodyBytes) this.fail({ status: 413, body: 'Payload Too Large' });
      else this.body.data(chunk);
    });
  }

  end(trailers?: HeaderList): void {
    if (this.over) return;
    this.#touch();
    this.#startRequestTimer();
    this.guarded(() => this.body.end(trailers));
  }

  drain(): void {
    this.#touch();
    this.guarded(() => {
      if (this.#compressor !== undefined) this.#compressor.resume();
      else this.#forwarding?.drained();
    });
  }

  aborted(): void {
    this.#finish();
  }

  answerHead(response: ResponseMessage, ended: boolean, host: Host): void {
    this.#touch();
    this.guarded(() => {
      this.answerChanges?.ofBackend?.(response.headers, host);
      if (this.compression !== undefined && !ended) this.#compress(this.compression, response);
      this.#change(response.headers);
      this.#responded = true;
      if (this.record !== undefined)
        Object.assign(this.record, { status: response.status, answer: response.headers, host });
      this.stream.respond(response, ended);
      if (response.status === 101) this.#join();
      else if (ended) this.#finish();
    });
  }

  answerData(chunk: Buffer): boolean {
    this.#touch();
    if (this.#compressor !== undefined) return this.#compressor.write(chunk);
    if (this.record !== undefined) this.record.bytesSent += chunk.length;
    return this.stream.write(chunk);
  }

  answerEnd(trailers: HeaderList | undefined): void {
    this.guarded(() => {
      if (this.#compressor !== undefined) this.#compressor.end(trailers);
      else this.#endAnswer(trailers);
    });
  }

  answerBroken(): void {
    this.stream.reset();
    this.#finish();
  }

  /** After what must not be: an answer with nothing in it that could be wrong, if there can be one. */
  #breakOff(): void {
    this.answerChanges = undefined;
    try {
      this.fail({ status: 500 });
    } catch {
      this.answerBroken();
    }
  }

  #tell(record: RequestRecord): void {
    record.bytesReceived = this.body.bytes;
    if (this.#compressor !== undefined) record.bytesSent = this.#compressor.bytes;
    record.write(this.chain.settings?.accessLogs ?? [], this.plane);
  }

  #endAnswer(trailers: HeaderList | undefined): void {
    if (this.over) return;
    this.stream.end(trailers);
    this.#finish();
  }

  #compress({ kinds, accepted }: CompressionWish, response: ResponseMessage): void {
    this.#compressor = startCompression(kinds, accepted, response, {
      stream: this.stream,
      drained: () => this.#forwarding?.drained(),
      ended: (trailers) => this.#endAnswer(trailers),
      failed: () => this.guarded(() => this.fail({ status: 502 })),
    });
  }

  /** The client and the backend have each other, and no HTTP any more. */
  #join(): void {
    const upstream = this.#forwarding!.takeOver();
    const client = this.stream.takeOver();
    this.#finish();
    joinRaw(client, upstream, this.plane.sweeper, TUNNEL_IDLE_MS);
  }

  #change(headers: HeaderList): void {
    const { answerChanges } = this;
    if (answerChanges === undefined) return;
    for (const change of answerChanges.changes) changeHeaders(headers, change);
    for (let i = 0; i < answerChanges.headers.length; i += 2) {
      headers.append(answerChanges.headers[i]!, answerChanges.headers[i + 1]!);
    }
  }

  #startRequestTimer(): void {
    if (this.#requestTimeoutMs === 0 || this.#stopTimer !== undefined) return;
    this.#stopTimer = whenLate(this.#requestTimeoutMs, () =>
      this.guarded(() => this.fail({ status: 504, body: 'upstream request timeout' })),
    );
  }

  #touch(): void {
    if (this.#idleMs > 0) this.deadline = this.plane.sweeper.now + this.#idleMs;
  }

  #finish(): void {
    if (this.over) return;
    this.over = true;
    this.plane.sweeper.delete(this);
    this.#stopTimer?.();
    this.#forwarding?.cancel();
    this.#compressor?.destroy();
    if (this.record !== undefined) this.#tell(this.record);
    if (this.#onOver !== undefined) for (const listener of this.#onOver) listener();
  }
}
