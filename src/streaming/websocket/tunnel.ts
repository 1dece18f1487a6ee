import { Duplex } from 'node:stream';
import { WebSocketConnection } from './connection.ts';

/** A WebSocket whose binary messages are one run of bytes, whatever their bounds: what SPDY is tunnelled through. */
export class WebSocketTunnel extends Duplex {
  readonly #socket: WebSocketConnection | undefined;

  /** @param head what came on the socket already */
  constructor(socket: Duplex, head?: Buffer) {
    super({ allowHalfOpen: false });
    this.on('error', () => {});
    this.#socket = new WebSocketConnection(socket, { onMessage: (data) => this.push(data) }, head);
    void this.#socket.closed.then(() => this.push(null));
  }

  override _read(): void {
    // what came with the head is read before there is a connection
    this.#socket?.resume();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket!.send(data, 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket?.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.close();
    done(error);
  }
}
