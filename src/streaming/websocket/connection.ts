import type { Duplex } from 'node:stream';
import { encodeWebSocketFrame, type MessageKind, WebSocketError, WebSocketReader } from './frames.ts';

/** How a connection is used. */
export interface WebSocketOptions {
  /**
   * Takes a message. False: no more for now, until `resume`.
   */
  readonly onMessage: (data: Buffer, kind: MessageKind) => boolean | undefined;
  /** After so long without a message in either direction the connection is closed; absent: never. */
  readonly idleTimeoutMs?: number;
}

/** After this long what the peer does not end is cut off. */
const CLOSE_GRACE_MS = 2000;

/** The server's side of a WebSocket, on a connection whose handshake is written. Pings are answered. */
export class WebSocketConnection {
  /** Resolves when the connection is over, for whatever reason. Never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #options: WebSocketOptions;
  readonly #reader = new WebSocketReader(true);
  #closing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param head what came on the socket already */
  constructor(socket: Duplex, options: WebSocketOptions, head: Buffer = Buffer.alloc(0)) {
    this.#socket = socket;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(this.#timer);
        socket.destroy();
        resolve();
      };
      socket.once('close', over);
      socket.once('end', over);
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#touch();
    if (head.length > 0) this.#read(head);
  }

  /** Sends a message; called back when the connection can take more. */
  send(data: Uint8Array | string, kind: MessageKind, done?: (error?: Error | null) => void): void {
    if (this.#closing || this.#socket.destroyed) return done?.(new Error('the WebSocket is closed'));
    this.#touch();
    this.#socket.write(encodeWebSocketFrame(kind, typeof data === 'string' ? Buffer.from(data) : data), done);
  }

  /** Takes messages again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Says goodbye, and closes when the peer has answered, or does not. */
  close(code = 1000): void {
    if (this.#closing || this.#socket.destroyed) return;
    this.#closing = true;
    const reason = Buffer.alloc(2);
    reason.writeUInt16BE(code);
    this.#socket.end(encodeWebSocketFrame('close', reason));
    this.#socket.resume();
    const cut = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS).unref();
    void this.closed.then(() => clearTimeout(cut));
  }

  #read(chunk: Buffer): void {
    this.#touch();
    try {
      for (const event of this.#reader.read(chunk)) {
        if (event.type === 'message' && !this.#closing) {
          if (this.#options.onMessage(event.data, event.kind) === false) this.#socket.pause();
        } else if (event.type === 'ping' && !this.#closing)
          this.#socket.write(encodeWebSocketFrame('pong', event.data));
        else if (event.type === 'close') this.close();
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.close(error.code);
    }
  }

  #touch(): void {
    const { idleTimeoutMs } = this.#options;
    if (idleTimeoutMs === undefined) return;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#socket.destroy(), idleTimeoutMs).unref();
    else this.#timer.refresh();
  }
}
