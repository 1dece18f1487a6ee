import type { HeaderList } from './header-list.ts';
import type { Http1ServerConnection } from './http1-server.ts';
import { headText } from './http1-writer.ts';
import type {
  BodyReceiver,
  RawConnection,
  RequestMessage,
  ResponseMessage,
  ServerStream,
  ServerStreamHandler,
} from './message.ts';
import { rawConnection } from './raw-connection.ts';
import { httpDate, statusLine } from './status-text.ts';

/** What a connection knows of a request beside its head. */
interface StreamFacts {
  readonly minor: 0 | 1;
  readonly ended: boolean;
  /** The client would send more requests. */
  readonly persists: boolean;
}

/** A request of HTTP/1 and its answer. */
export class Http1ServerStream implements ServerStream {
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1';
  readonly request: RequestMessage;
  requestEnded: boolean;
  /** An answer has begun. */
  responded = false;
  /** For the connection: where the body goes. */
  readonly body: BodyReceiver;
  readonly #connection: Http1ServerConnection;
  #handler: ServerStreamHandler | undefined;
  #paused = true;
  #last: boolean;
  #responseEnded = false;
  /** A body follows the answer's head. */
  #sendsBody = true;
  /** The client waits until it is told to send the body. */
  readonly #expectsContinue: boolean;

  constructor(connection: Http1ServerConnection, request: RequestMessage, facts: StreamFacts) {
    this.#connection = connection;
    this.protocol = facts.minor === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
    this.request = request;
    this.requestEnded = facts.ended;
    this.#last = !facts.persists;
    this.#expectsContinue = takeExpectation(request.headers);
    this.body = {
      data: (chunk) => this.#handler?.data(chunk),
      end: (trailers) => this.#bodyEnded(trailers),
    };
  }

  /** Whether somebody takes the body now. */
  get taken(): boolean {
    return this.#handler !== undefined && !this.#paused;
  }

  handle(handler: ServerStreamHandler): void {
    this.#handler = handler;
  }

  readBody(): void {
    if (this.requestEnded || !this.#paused) return;
    this.#paused = false;
    if (this.#expectsContinue && !this.responded) {
      this.#connection.writer.begin('HTTP/1.1 100 Continue\r\n\r\n', false);
    }
    this.#connection.readBody();
  }

  pause(): void {
    this.#paused = true;
    this.#connection.socket.pause();
  }

  resume(): void {
    if (!this.#paused || this.requestEnded) return;
    this.#paused = false;
    this.#connection.readBody();
  }

  respond(response: ResponseMessage, end: boolean): void {
    this.responded = true;
    const { status, headers, upgrade } = response;
    const bodyless = end || this.request.method === 'HEAD' || status === 204 || status === 304;
    const hasLength = headers.has('content-length');
    const chunked = !bodyless && !hasLength && this.protocol === 'HTTP/1.1' && status !== 101;
    this.#sendsBody = !bodyless;
    if ((!bodyless && !hasLength && !chunked && status !== 101) || this.#connection.isLast) this.#last = true;
    let more = headers.has('date') || status === 101 ? '' : `date: ${httpDate()}\r\n`;
    if (chunked) more += 'transfer-encoding: chunked\r\n';
    else if (end && !hasLength && this.request.method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304) {
      more += 'content-length: 0\r\n';
    }
    if (upgrade !== undefined) more += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
    else if (this.#last || (!this.requestEnded && end)) more += 'connection: close\r\n';
    else if (this.protocol === 'HTTP/1.0') more += 'connection: keep-alive\r\n';
    this.#connection.writer.begin(headText(statusLine(status), headers, more), chunked);
    if (end) this.end();
  }

  write(chunk: Buffer): boolean {
    return this.#sendsBody ? this.#connection.writer.write(chunk) : true;
  }

  end(): void {
    if (this.#responseEnded) return;
    this.#responseEnded = true;
    this.#connection.writer.end();
    if (this.requestEnded) this.#connection.streamDone(this.#last);
    else this.#connection.abandonRequest();
  }

  reset(): void {
    this.#responseEnded = true;
    this.#connection.socket.destroy();
  }

  takeOver(): RawConnection {
    this.#responseEnded = true;
    this.#connection.writer.flush();
    return rawConnection(this.#connection.socket, this.#connection.release());
  }

  /** For the connection: the client reads on. */
  drained(): void {
    this.#handler?.drain();
  }

  /** For the connection: it is gone. */
  lost(): void {
    if (this.#responseEnded) return;
    this.#responseEnded = true;
    this.#handler?.aborted();
  }

  #bodyEnded(trailers: HeaderList | undefined): void {
    this.requestEnded = true;
    this.#handler?.end(trailers);
  }
}

/** That a client waits for 100 (Continue) is between it and us. */
function takeExpectation(headers: HeaderList): boolean {
  if (headers.first('expect')?.toLowerCase() !== '100-continue') return false;
  headers.delete('expect');
  return true;
}
