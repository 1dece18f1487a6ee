import type { HeaderList } from './header-list.ts';

/** The head of a request on its way. */
export interface RequestMessage {
  readonly method: string;
  /** As the client said it, with its port. */
  readonly authority: string;
  /** With the query. */
  readonly path: string;
  /** Without `host`, and without what is about a connection alone. */
  readonly headers: HeaderList;
  /** A protocol that the client would change to. */
  readonly upgrade?: string;
}

/** The head of an answer on its way. */
export interface ResponseMessage {
  readonly status: number;
  readonly headers: HeaderList;
  /** The protocol that a connection changes to, with status 101. */
  readonly upgrade?: string;
}

/** Takes the body of a message, as it comes. */
export interface BodyReceiver {
  data(chunk: Buffer): void;
  end(trailers?: HeaderList): void;
}

/** Whoever sends can be told to wait. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** A request that a client made, with the way to answer it. */
export interface ServerStream extends Pausable {
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2';
  readonly request: RequestMessage;
  /** No body follows. */
  readonly requestEnded: boolean;
  /** Sets who hears of the client, and of the request's body. */
  handle(handler: ServerStreamHandler): void;
  /** The body is wanted: until then the client waits. */
  readBody(): void;
  /** An answer begins, and with `end` is over. */
  respond(response: ResponseMessage, end: boolean): void;
  /** @returns false if the handler should wait for `drain` */
  write(chunk: Buffer): boolean;
  end(trailers?: HeaderList): void;
  /** What was answered is not whole: the client must see that. */
  reset(): void;
  /** After a `respond` with 101: the connection itself, with nothing read of what the client sends since. Only HTTP/1.1. */
  takeOver(): RawConnection;
}

/** What a stream of a client tells. */
export interface ServerStreamHandler extends BodyReceiver {
  /** The client goes on reading. */
  drain(): void;
  /** The client is gone, or the stream was reset: nothing can be answered any more. */
  aborted(): void;
}

/** A connection after HTTP: bytes. */
export interface RawConnection extends Pausable {
  write(chunk: Buffer): boolean;
  end(): void;
  /** Ends it when all is written. */
  close(): void;
  destroy(): void;
  /** What had already come, and all that comes. */
  listen(listener: { data(chunk: Buffer): void; drain(): void; end(): void; close(): void }): void;
}

/** A request to an endpoint. */
export interface ClientStream extends Pausable {
  write(chunk: Buffer): boolean;
  end(trailers?: HeaderList): void;
  /** The answer is not waited for. */
  reset(): void;
  /** After an answer of 101. */
  takeOver(): RawConnection;
}

/** What an endpoint answers. */
export interface ClientStreamHandler extends BodyReceiver {
  head(response: ResponseMessage, ended: boolean): void;
  drain(): void;
  /** There will be no answer, or no more of it. */
  failed(failure: Failure): void;
}

/** Why an endpoint did not answer. */
export interface Failure {
  /**
   * `connect`: it took no connection, so nothing was sent. `reset`: the connection ended. `refused`: it says that it has done
   * nothing. `protocol`: what it says is no HTTP. `overflow`: more is asked of it than it is allowed to have.
   */
  readonly reason: 'connect' | 'reset' | 'refused' | 'protocol' | 'overflow';
  /** A connection that was used before ended without a byte of the answer: perhaps it had ended before. */
  readonly stale?: true;
  readonly message: string;
}
