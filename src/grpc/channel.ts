import { EventEmitter } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { createConnection } from 'node:net';
import { Code } from './codes.ts';
import { framed, MessageFrames } from './frames.ts';
import { type GrpcError, grpcError, newTooLate } from './errors.ts';
import { keepAlive } from './keep-alive.ts';
import { decodeStatusMessage } from './status-message.ts';

/** PEM texts for https: what signed the other's certificate (absent: the machine's CAs), and who we are. */
export interface ChannelTls {
  /** The name that the other's certificate must have; default: the host of the URL. */
  readonly servername?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a call says beside its message. */
export type CallMetadata = Readonly<Record<string, string>>;

/** Where a call is to arrive, and until when, in milliseconds since 1970. */
export interface Call {
  readonly path: string;
  readonly metadata: CallMetadata;
  readonly deadline?: number;
}

interface StreamEvents<Response> {
  data: [Response];
  error: [GrpcError];
  end: [];
}

/** So long may a server take to say anything on a new connection: one that hangs takes connections all the same. */
const CONNECT_MS = 5000;
const WINDOW_BYTES = 4 * 1024 * 1024;
/** MiB that the streams of the connection may hold. */
const SESSION_MEMORY = 1024;
const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants;

/**
 * One connection to one server of gRPC, which is opened when it is needed and anew after it failed. Its URL is `http:`,
 * `https:`, or `unix:` and the path of a socket.
 */
export class Channel {
  readonly #url: string;
  readonly #tls: ChannelTls;
  readonly #sessions = new Set<ClientHttp2Session>();
  #connection: Promise<ClientHttp2Session> | undefined;
  #closed = false;

  constructor(url: string, tls: ChannelTls) {
    this.#url = url;
    this.#tls = tls;
  }

  /** Sends a message and waits for the answer. @throws GrpcError */
  async call(call: Call, message: Uint8Array): Promise<Buffer> {
    const deadline = call.deadline ?? Number.POSITIVE_INFINITY;
    const session = await until(deadline, this.#connected());
    const stream = open(session, call);
    const frames = new MessageFrames();
    const messages: Buffer[] = [];
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(deadline)
        ? setTimeout(
            () => {
              reject(newTooLate());
              stream.close(NGHTTP2_CANCEL);
            },
            Math.max(0, deadline - Date.now()),
          )
        : undefined;
      listen(stream, {
        onData: (chunk) => messages.push(...frames.take(chunk)),
        onEnd(error) {
          clearTimeout(timer);
          if (error !== undefined) reject(error);
          else if (messages.length === 1) resolve(messages[0]!);
          else reject(grpcError(Code.internal, `the answer has ${messages.length} messages`));
        },
      });
      stream.end(framed(message));
    });
  }

  /** Opens a stream in both directions. @throws GrpcError */
  async stream<Request, Response>(
    call: Call,
    codec: StreamCodec<Request, Response>,
  ): Promise<Stream<Request, Response>> {
    return new Stream(open(await until(call.deadline ?? Number.POSITIVE_INFINITY, this.#connected()), call), codec);
  }

  /** The next call has a connection of its own: on this one there was no answer. Calls that there are go on. */
  forsake(): void {
    void this.#connection?.then(
      (session) => session.close(),
      () => {},
    );
    this.#connection = undefined;
  }

  /**
   * Ends the connection with all calls, in the next phase of the event loop. Who calls may do so in answer to something
   * that the connection is still reading (promises are settled in there), and Node frees streams that it goes on reading
   * when a session is destroyed at that moment.
   */
  close(): void {
    this.#closed = true;
    const sessions = [...this.#sessions];
    setImmediate(() => {
      for (const session of sessions) session.destroy();
    });
    this.#connection = undefined;
  }

  #connected(): Promise<ClientHttp2Session> {
    if (this.#closed) return Promise.reject(grpcError(Code.unavailable, 'the connection was closed'));
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  #connect(): Promise<ClientHttp2Session> {
    const connection = new Promise<ClientHttp2Session>((resolve, reject) => {
      const path = /^unix:(.*)$/.exec(this.#url)?.[1];
      const session = connect(path === undefined ? this.#url : 'http://localhost', {
        ...this.#tls,
        ...(path !== undefined && { createConnection: () => createConnection(path) }),
        settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
        maxSessionMemory: SESSION_MEMORY,
      });
      this.#sessions.add(session);
      let last: Error | undefined;
      // calls that there are go on, the next one has a connection of its own
      const gone = (): void => {
        if (this.#connection === connection) this.#connection = undefined;
      };
      session.once('connect', () => session.setLocalWindowSize(4 * WINDOW_BYTES));
      const silent = setTimeout(() => session.destroy(new Error('the server says nothing')), CONNECT_MS);
      session.once('remoteSettings', () => {
        clearTimeout(silent);
        keepAlive(session);
        resolve(session);
      });
      session.on('goaway', gone);
      session.on('error', (error) => {
        last = error;
        gone();
      });
      session.once('close', () => {
        clearTimeout(silent);
        gone();
        this.#sessions.delete(session);
        const why = last?.message ?? 'the connection was closed';
        reject(grpcError(Code.unavailable, `No connection established. Last error: ${why}`));
      });
    });
    return connection;
  }
}

/** How the messages of a stream are written and read. */
export interface StreamCodec<Request, Response> {
  readonly encode: (request: Request) => Uint8Array;
  readonly decode: (bytes: Buffer) => Response;
}

/** A stream in both directions. It tells nothing any more after `cancel`, after an error, and after its end. */
export class Stream<Request, Response> extends EventEmitter<StreamEvents<Response>> {
  readonly #stream: ClientHttp2Stream;
  readonly #encode: (request: Request) => Uint8Array;
  #over = false;

  constructor(stream: ClientHttp2Stream, { encode, decode }: StreamCodec<Request, Response>) {
    super();
    this.#stream = stream;
    this.#encode = encode;
    const frames = new MessageFrames();
    listen(stream, {
      onData: (chunk) => {
        for (const bytes of frames.take(chunk)) if (!this.#over) this.emit('data', decode(bytes));
      },
      onEnd: (error) => {
        if (this.#over) return;
        this.#over = true;
        if (error === undefined) this.emit('end');
        else this.emit('error', error);
      },
    });
  }

  /** Says something; nothing if it is over. */
  write(request: Request): void {
    if (!this.#over) this.#stream.write(framed(this.#encode(request)));
  }

  /** Ends it. */
  cancel(): void {
    this.#over = true;
    this.#stream.close(NGHTTP2_CANCEL);
  }
}

/** @throws GrpcError of what was surely not sent */
function open(session: ClientHttp2Session, { path, metadata, deadline }: Call): ClientHttp2Stream {
  const left = deadline === undefined ? undefined : Math.max(1, Math.ceil(deadline - Date.now()));
  try {
    return session.request({
      ...metadata,
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(left !== undefined && { 'grpc-timeout': `${left}m` }),
    });
  } catch (error) {
    throw grpcError(Code.unavailable, `No connection established. Last error: ${(error as Error).message}`);
  }
}

interface Listeners {
  readonly onData: (chunk: Buffer) => void;
  /** Called once; undefined if it went well. */
  readonly onEnd: (error: GrpcError | undefined) => void;
}

function listen(stream: ClientHttp2Stream, { onData, onEnd }: Listeners): void {
  let headers: IncomingHttpHeaders | undefined;
  let trailers: IncomingHttpHeaders | undefined;
  let failure: Error | undefined;
  let ended = false;
  let over = false;
  const finish = (error: GrpcError | undefined): void => {
    if (over) return;
    over = true;
    onEnd(error);
  };
  const finishIfWhole = (): void => {
    if (ended && trailers !== undefined) finish(statusIn(trailers));
  };
  stream.on('response', (received) => {
    headers = received;
    // without a message the status is in the head
    if (received['grpc-status'] !== undefined) trailers = received;
    else if (received[':status'] !== 200)
      finish(grpcError(Code.unavailable, `unexpected HTTP status ${received[':status']}`));
    finishIfWhole();
  });
  stream.on('data', (chunk: Buffer) => {
    try {
      onData(chunk);
    } catch (error) {
      finish(grpcError(Code.internal, (error as Error).message));
      stream.close(NGHTTP2_CANCEL);
    }
  });
  stream.on('trailers', (received) => {
    trailers = received;
    finishIfWhole();
  });
  stream.on('end', () => {
    ended = true;
    finishIfWhole();
  });
  stream.on('error', (error) => {
    failure = error;
  });
  stream.on('close', () => {
    if (trailers !== undefined) return finish(statusIn(trailers));
    if (stream.rstCode === NGHTTP2_REFUSED_STREAM)
      return finish(grpcError(Code.unavailable, 'No connection established. Last error: the stream was refused'));
    const why = failure?.message ?? `closed with error code ${stream.rstCode}`;
    finish(grpcError(Code.unavailable, headers === undefined ? `Connection dropped: ${why}` : `Stream broke: ${why}`));
  });
}

/** What the end of a call says went wrong; undefined if nothing did. */
function statusIn(trailers: IncomingHttpHeaders): GrpcError | undefined {
  const told = Number(trailers['grpc-status'] ?? Code.internal);
  const code = Number.isInteger(told) ? told : Code.unknown;
  return code === 0 ? undefined : grpcError(code, decodeStatusMessage(String(trailers['grpc-message'] ?? '')));
}

/** What comes in time. @throws GrpcError if it does not */
function until<T>(deadline: number, coming: Promise<T>): Promise<T> {
  if (!Number.isFinite(deadline)) return coming;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(newTooLate()), Math.max(0, deadline - Date.now()));
    coming.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
