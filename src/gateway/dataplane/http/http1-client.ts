import type { Socket } from 'node:net';
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import { responseFraming } from './framing.ts';
import { HeadBuffer } from './head-buffer.ts';
import { HttpSyntaxError, parseResponseHead } from './head-parser.ts';
import type { HeaderList } from './header-list.ts';
import { takeConnectionWords } from './hop-by-hop.ts';
import { Http1Writer, headText } from './http1-writer.ts';
import type { ClientStream, ClientStreamHandler, Failure, RawConnection, RequestMessage } from './message.ts';
import { rawConnection } from './raw-connection.ts';
import { type Expiring, Sweeper } from './sweeper.ts';

/** Of an answer's head; endpoints are trusted with more than clients. */
const MOST_HEAD_BYTES = 131_072;
const NOTHING = Buffer.alloc(0);

/** What a connection tells who keeps it. */
export interface Http1ClientOwner {
  readonly sweeper: Sweeper;
  readonly idleTimeoutMs: number;
  /** It may be used for the next request. */
  idle(connection: Http1Client): void;
  gone(connection: Http1Client): void;
}

/** A connection of HTTP/1.1 to an endpoint: one request at a time. */
export class Http1Client implements Expiring {
  deadline = Number.POSITIVE_INFINITY;
  /** Requests it was used for. */
  used = 0;
  readonly #socket: Socket;
  readonly #owner: Http1ClientOwner;
  readonly #writer: Http1Writer;
  readonly #head = new HeadBuffer();
  #exchange: Exchange | undefined;
  #decoder: BodyDecoder | undefined;

  constructor(socket: Socket, owner: Http1ClientOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#writer = new Http1Writer(socket);
    owner.sweeper.add(this);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('drain', () => this.#exchange?.handler.drain());
    socket.on('end', () => this.#ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Begins a request; `ended` says that no body follows. */
  request(message: RequestMessage, ended: boolean, handler: ClientStreamHandler): ClientStream {
    const { headers, upgrade } = message;
    const hasLength = headers.has('content-length');
    const chunked = !ended && !hasLength;
    let more = chunked ? 'transfer-encoding: chunked\r\n' : '';
    if (ended && !hasLength && needsLength(message.method)) more = 'content-length: 0\r\n';
    if (upgrade !== undefined) more += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
    const first = `${message.method} ${message.path} HTTP/1.1\r\nhost: ${message.authority}`;
    const exchange = new Exchange(this, message, handler, ended, this.used > 0);
    this.used++;
    this.deadline = Number.POSITIVE_INFINITY;
    this.#exchange = exchange;
    this.#writer.begin(headText(first, headers, more), chunked);
    return exchange;
  }

  /** Closes it: at once if it is idle, else when its request is over. */
  close(): void {
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#exchange.persists = false;
  }

  expire(): void {
    if (this.#exchange === undefined) this.#socket.destroy();
  }

  /** For the exchange. */
  get writer(): Http1Writer {
    return this.#writer;
  }

  /** For the exchange. */
  get socket(): Socket {
    return this.#socket;
  }

  /** For the exchange: it sent all. */
  requestEnded(exchange: Exchange): void {
    if (exchange === this.#exchange && exchange.answered) this.#done(exchange);
  }

  /** For the exchange: the connection is no HTTP any more. */
  release(rest: Buffer): RawConnection {
    this.#exchange = undefined;
    this.#owner.sweeper.delete(this);
    for (const event of ['data', 'drain', 'end', 'error']) this.#socket.removeAllListeners(event);
    return rawConnection(this.#socket, rest);
  }

  /** For the exchange: nobody waits for the answer. */
  abandon(exchange: Exchange): void {
    if (exchange !== this.#exchange) return;
    this.#exchange = undefined;
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    try {
      let rest: Buffer | undefined = chunk;
      while (rest !== undefined && rest.length > 0) {
        const exchange: Exchange | undefined = this.#exchange;
        // an answer that nobody asked for could be taken for that of the next request
        if (exchange === undefined || exchange.answered || exchange.upgraded) {
          this.#unexpected(exchange, rest);
          return;
        }
        rest = this.#decoder === undefined ? this.#readHead(exchange, rest) : this.#readBody(exchange, rest);
      }
    } catch (error) {
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#fail({ reason: 'protocol', message: error.message });
    }
  }

  #unexpected(exchange: Exchange | undefined, rest: Buffer): void {
    if (exchange?.upgraded === true) exchange.early = Buffer.concat([exchange.early, rest]);
    else this.#socket.destroy();
  }

  #readHead(exchange: Exchange, chunk: Buffer): Buffer | undefined {
    exchange.begun = true;
    const head = this.#head.push(chunk, 0);
    if (Math.max(this.#head.length, head?.text.length ?? 0) > MOST_HEAD_BYTES) {
      throw new HttpSyntaxError(502, 'the head of the answer is too large');
    }
    if (head === undefined) return undefined;
    const rest = head.end === head.bytes.length ? undefined : head.bytes.subarray(head.end);
    const { status, minor, headers } = parseResponseHead(head.text);
    const { method } = exchange.message;
    const framing = responseFraming(headers, minor, method, status);
    const words = takeConnectionWords(headers);
    // what is said in between is for us, but for a change of the protocol that was asked for
    if (status < 200 && status !== 101) return rest;
    if (status === 101) return this.#upgrade(exchange, headers, words.upgrade, rest);
    if (minor === 0 ? !words.keepAlive : words.close) exchange.persists = false;
    const ended = framing.type === 'length' && framing.length === 0;
    if (framing.type === 'until-close') exchange.persists = false;
    if (!ended) this.#decoder = bodyDecoder(framing, exchange.body);
    exchange.untilClose = framing.type === 'until-close';
    exchange.handler.head({ status, headers }, ended);
    if (ended) this.#answerEnded(exchange);
    return rest;
  }

  #upgrade(exchange: Exchange, headers: HeaderList, upgrade: string | undefined, rest: Buffer | undefined): undefined {
    if (exchange.message.upgrade === undefined || upgrade === undefined) {
      throw new HttpSyntaxError(502, 'the answer changes to a protocol that was not asked for');
    }
    exchange.upgraded = true;
    exchange.early = rest ?? NOTHING;
    exchange.handler.head({ status: 101, headers, upgrade }, false);
  }

  #readBody(exchange: Exchange, chunk: Buffer): Buffer | undefined {
    const end = this.#decoder!.push(chunk, 0);
    if (end === -1) return undefined;
    this.#decoder = undefined;
    this.#answerEnded(exchange);
    return chunk.subarray(end);
  }

  #answerEnded(exchange: Exchange): void {
    exchange.answered = true;
    if (exchange.requestEnded) this.#done(exchange);
    // the answer came before all of the request: the rest of it is not of interest to the endpoint
    else exchange.persists = false;
  }

  #done(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    if (!exchange.persists || this.#socket.destroyed) {
      this.#socket.destroy();
      return;
    }
    if (exchange.paused) this.#socket.resume();
    this.deadline = this.#owner.sweeper.now + this.#owner.idleTimeoutMs;
    this.#owner.idle(this);
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange?.untilClose === true && !exchange.answered) {
      this.#decoder = undefined;
      exchange.answered = true;
      this.#exchange = undefined;
      exchange.handler.end();
    }
    this.#socket.destroy();
  }

  #closed(): void {
    this.#owner.sweeper.delete(this);
    this.#owner.gone(this);
    this.#fail({ reason: 'reset', message: 'connection termination' });
  }

  #fail(failure: Failure): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#socket.destroy();
    if (exchange === undefined || exchange.answered) return;
    exchange.handler.failed(exchange.reused && !exchange.begun ? { ...failure, stale: true } : failure);
  }
}

/** Answers of these have a body only if they say so; for others a server must be told that there is none. */
function needsLength(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

/** A request on a connection, and its answer. */
class Exchange implements ClientStream {
  readonly message: RequestMessage;
  readonly handler: ClientStreamHandler;
  readonly body: { data(chunk: Buffer): void; end(trailers?: HeaderList): void };
  /** The connection had requests before. */
  readonly reused: boolean;
  requestEnded: boolean;
  /** A byte of the answer came. */
  begun = false;
  answered = false;
  upgraded = false;
  untilClose = false;
  persists = true;
  paused = false;
  /** What came after a change of protocol, before somebody listened. */
  early: Buffer = NOTHING;
  readonly #connection: Http1Client;

  constructor(
    connection: Http1Client,
    message: RequestMessage,
    handler: ClientStreamHandler,
    ended: boolean,
    reused: boolean,
  ) {
    this.#connection = connection;
    this.message = message;
    this.handler = handler;
    this.requestEnded = ended;
    this.reused = reused;
    this.body = {
      data: (chunk) => handler.data(chunk),
      end: (trailers) => handler.end(trailers),
    };
  }

  write(chunk: Buffer): boolean {
    if (this.answered) return true;
    return this.#connection.writer.write(chunk);
  }

  end(): void {
    if (this.requestEnded) return;
    this.requestEnded = true;
    this.#connection.writer.end();
    this.#connection.requestEnded(this);
  }

  reset(): void {
    this.#connection.abandon(this);
  }

  pause(): void {
    this.paused = true;
    this.#connection.socket.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#connection.socket.resume();
  }

  takeOver(): RawConnection {
    return this.#connection.release(this.early);
  }
}
