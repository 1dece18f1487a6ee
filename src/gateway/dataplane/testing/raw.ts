import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** A connection on which a test says bytes, and sees bytes. */
export class RawClient {
  readonly socket: Socket;
  /** All that came. */
  received = '';
  ended = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Waits until a text came; takes all up to its end away, and returns that. @throws if the connection ends before */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.ended)
        throw new Error(`the connection ended before ${JSON.stringify(text)}: ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const end = this.received.indexOf(text) + text.length;
    const taken = this.received.slice(0, end);
    this.received = this.received.slice(end);
    return taken;
  }

  /** Waits until the other side ended it; what came until then. */
  async end(): Promise<string> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** A connection to a port of this machine, until the test ends. */
export function rawClient(t: TestContext, port: number): RawClient {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  t.after(() => socket.destroy());
  return new RawClient(socket);
}

/** The same within TLS, which trusts anybody. */
export function rawTlsClient(t: TestContext, port: number, options: ConnectionOptions): RawClient {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  t.after(() => socket.destroy());
  return new RawClient(socket);
}
