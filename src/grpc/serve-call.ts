import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { framed, framedPieces, FrameError, MessageFrames } from './frames.ts';
import { Code } from './codes.ts';
import { RpcError } from './errors.ts';
import { encodeStatusMessage } from './status-message.ts';

/** How messages of one kind are read and written. */
export interface MessageFormat {
  /** @throws an error whose message says what is wrong with the bytes */
  decode(bytes: Buffer): unknown;
  encode(message: object): Uint8Array;
}

/** Who calls, and what is said beside the messages. */
export interface CallInfo {
  readonly headers: IncomingHttpHeaders;
  /** The client's address; empty on a Unix socket. */
  readonly address: string;
  /** What the client showed, verified already; undefined without TLS, or where none was asked for. */
  readonly certificate: PeerCertificate | undefined;
}

/** A method that answers one message by one. */
export interface UnaryMethod {
  readonly request: Pick<MessageFormat, 'decode'>;
  readonly response: Pick<MessageFormat, 'encode'>;
  /** @param size bytes of the request. @throws RpcError */
  readonly handle: (request: never, size: number) => object | Promise<object>;
}

/** A stream in both directions. */
export interface StreamMethod {
  readonly request: Pick<MessageFormat, 'decode'>;
  /** In one piece, or in several that follow each other, which nobody may change any more: large ones are sent as they are. */
  readonly response: { encode(message: object): Uint8Array | readonly Uint8Array[] };
  /** Called when a stream begins; what it gives back hears of all that comes. */
  readonly open: (out: OutStream, call: CallInfo) => InStream;
}

/** What is said to the client of a stream. */
export interface OutStream {
  send(message: object): void;
  /** True while what was sent waits for the client to read it. */
  readonly isFull: boolean;
  /** Ends the stream, with a refusal or well. */
  end(error?: RpcError): void;
}

/** What hears the client of a stream. */
export interface InStream {
  /** @throws RpcError, which ends the stream */
  message(request: never): void;
  /** The client reads again. */
  drained(): void;
  /** The client has no more to say. */
  ended(): void;
  /** The stream is over. */
  closed(): void;
}

/** The methods that there are, by path. */
export type Methods = ReadonlyMap<string, UnaryMethod | StreamMethod>;

/** What waits for a client to read it before more is made for it. */
const FULL_BYTES = 1024 * 1024;

const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = constants;
const OPENING = { ':status': 200, 'content-type': 'application/grpc' };

/** What is served. */
export interface Service {
  readonly methods: Methods;
  /** Requests of more bytes are refused. */
  readonly mostBytes: number;
}

/** Answers a stream of HTTP/2 as a call of gRPC. */
export function serveCall(service: Service, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on('error', () => {});
  const type = headers['content-type'];
  if (headers[HTTP2_HEADER_METHOD] !== 'POST' || !type?.startsWith('application/grpc')) {
    return void stream.respond({ ':status': type === undefined ? 404 : 415 }, { endStream: true });
  }
  const path = String(headers[HTTP2_HEADER_PATH]);
  const encoding = headers['grpc-encoding'] ?? 'identity';
  const method = service.methods.get(path);
  if (method === undefined) return refuse(stream, unknownMethod(path));
  if (encoding !== 'identity')
    return refuse(
      stream,
      new RpcError(Code.unimplemented, `grpc: Decompressor is not installed for grpc-encoding "${String(encoding)}"`),
    );
  const frames = new MessageFrames(service.mostBytes);
  if ('open' in method) serveStream(method, frames, stream, headers);
  else serveUnary(method, frames, stream);
}

function serveUnary(
  { request, response, handle }: UnaryMethod,
  frames: MessageFrames,
  stream: ServerHttp2Stream,
): void {
  let done = false;
  const fail = (error: unknown): void => {
    done = true;
    refuse(stream, asRpcError(error));
  };
  const answer = async (bytes: Buffer): Promise<void> => {
    try {
      const result = await handle(decode(request, bytes) as never, bytes.length);
      if (stream.destroyed || stream.closed) return;
      // before anything is said: what cannot be encoded is refused
      const message = framed(response.encode(result));
      open(stream, () => ({ 'grpc-status': '0', 'grpc-message': '' }));
      stream.end(message);
    } catch (error) {
      fail(error);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    if (done) return;
    try {
      const [message] = frames.take(chunk);
      if (message === undefined) return;
      done = true;
      void answer(message);
    } catch (error) {
      fail(error);
    }
  });
  stream.on('end', () => done || fail(new RpcError(Code.internal, 'the request has no message')));
}

function serveStream(
  { request, response, open: begin }: StreamMethod,
  frames: MessageFrames,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  let status = new RpcError(Code.ok, '');
  let over = false;
  const out: OutStream = {
    send: (message) => void (over || stream.destroyed || write(stream, response.encode(message))),
    get isFull() {
      return stream.writableLength > FULL_BYTES;
    },
    end(error) {
      if (over) return;
      over = true;
      if (error !== undefined) status = error;
      stream.end();
    },
  };
  open(stream, () => ({ 'grpc-status': String(status.code), 'grpc-message': encodeStatusMessage(status.message) }));
  const handler = begin(out, callInfo(stream, headers));
  stream.on('data', (chunk: Buffer) => {
    if (over) return;
    try {
      for (const bytes of frames.take(chunk)) handler.message(decode(request, bytes) as never);
    } catch (error) {
      out.end(asRpcError(error));
    }
  });
  stream.on('drain', () => handler.drained());
  stream.on('end', () => {
    handler.ended();
    out.end();
  });
  stream.on('close', () => {
    over = true;
    handler.closed();
  });
}

function write(stream: ServerHttp2Stream, message: Uint8Array | readonly Uint8Array[]): void {
  if (message instanceof Uint8Array) return void stream.write(framed(message));
  stream.cork();
  for (const piece of framedPieces(message)) stream.write(piece);
  stream.uncork();
}

function callInfo(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): CallInfo {
  const socket = stream.session?.socket as TLSSocket | undefined;
  const certificate = socket?.encrypted === true ? socket.getPeerCertificate() : undefined;
  const isShown = certificate !== undefined && Object.keys(certificate).length > 0;
  return { headers, address: socket?.remoteAddress ?? '', certificate: isShown ? certificate : undefined };
}

function open(stream: ServerHttp2Stream, trailers: () => Record<string, string>): void {
  stream.respond(OPENING, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers()));
}

function refuse(stream: ServerHttp2Stream, { code, message }: RpcError): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  const trailers = { 'grpc-status': String(code), 'grpc-message': encodeStatusMessage(message) };
  stream.respond({ ...OPENING, ...trailers }, { endStream: true });
  // what the client still sends is of no interest, and must not keep the connection busy
  stream.resume();
}

function unknownMethod(path: string): RpcError {
  const [, service = '', name] = /^\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (name === undefined) return new RpcError(Code.unimplemented, `malformed method name: ${JSON.stringify(path)}`);
  return new RpcError(Code.unimplemented, `unknown method ${name} for service ${service}`);
}

function decode(format: Pick<MessageFormat, 'decode'>, bytes: Buffer): unknown {
  try {
    return format.decode(bytes);
  } catch (error) {
    const why = (error as Error).message.replace(/^proto: /, '');
    throw new RpcError(Code.internal, `grpc: error unmarshalling request: proto: ${why}`);
  }
}

function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof FrameError)
    return new RpcError(error.length === undefined ? Code.internal : Code.resourceExhausted, error.message);
  return new RpcError(Code.internal, error instanceof Error ? error.message : String(error));
}
