import { Duplex } from 'node:stream';
import { WebSocketConnection } from './connection.ts';

/** What may be done with a channel, as the server sees it. */
export type ChannelUse = 'ignore' | 'read' | 'write' | 'read-write';

/** How channels are carried by a WebSocket. */
export interface ChannelsOptions {
  /** As negotiated: `…base64.channel.k8s.io` sends texts, `v5.channel.k8s.io` can end one channel. */
  readonly protocol: string;
  /** A channel's number is its place. */
  readonly uses: readonly ChannelUse[];
  readonly idleTimeoutMs?: number;
}

/** The number of the message that ends another channel, in v5. */
const CLOSE_SIGNAL = 255;
const ZERO = 0x30;

/** Kubernetes' channels on a WebSocket: each message begins with the number of its channel. */
export class WebSocketChannels {
  readonly streams: readonly Duplex[];
  readonly closed: Promise<void>;
  readonly #socket: WebSocketConnection;
  readonly #isText: boolean;
  /** The channels whose readers are behind: they hold all others back. */
  readonly #full = new Set<number>();

  constructor(socket: Duplex, { protocol, uses, idleTimeoutMs }: ChannelsOptions, head?: Buffer) {
    this.#isText = protocol.includes('base64');
    const canClose = protocol === 'v5.channel.k8s.io';
    const channels = uses.map((use, number) => new Channel(use, number, this));
    this.streams = channels;
    this.#socket = new WebSocketConnection(
      socket,
      {
        onMessage: (data) => {
          if (data.length === 0) return true;
          if (canClose && data[0] === CLOSE_SIGNAL) {
            if (data.length === 2 && channels[data[1]!] !== undefined) channels[data[1]!]!.endReading();
            else this.close();
            return true;
          }
          const body = data.subarray(1);
          const number = this.#isText ? data[0]! - ZERO : data[0]!;
          const taken = channels[number]?.receive(this.#isText ? Buffer.from(body.toString('latin1'), 'base64') : body);
          if (taken === false) this.#full.add(number);
          return this.#full.size === 0;
        },
        ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      },
      head,
    );
    this.closed = this.#socket.closed.then(() => channels.forEach((channel) => channel.endReading()));
  }

  /** Sends a message on a channel; an empty one says that it is there. */
  send(number: number, data: Buffer, done?: (error?: Error | null) => void): void {
    if (this.#isText) this.#socket.send(`${number}${data.toString('base64')}`, 'text', done);
    else this.#socket.send(Buffer.concat([Buffer.from([number]), data]), 'binary', done);
  }

  /** Somebody reads again what was held back. */
  wanted(number: number): void {
    if (this.#full.delete(number) && this.#full.size === 0) this.#socket.resume();
  }

  /** Closes the connection, after what was written. */
  close(): void {
    this.#socket.close();
  }
}

/** One channel: what comes can be read and what is written is sent, so far as it is used so. */
class Channel extends Duplex {
  readonly #use: ChannelUse;
  readonly #number: number;
  readonly #channels: WebSocketChannels;
  #ended = false;

  constructor(use: ChannelUse, number: number, channels: WebSocketChannels) {
    super({ allowHalfOpen: true });
    this.#use = use;
    this.#number = number;
    this.#channels = channels;
    this.on('error', () => {});
    if (use === 'ignore' || use === 'write') this.endReading();
  }

  /** False: no more until it is read. */
  receive(data: Buffer): boolean {
    if (this.#ended || (this.#use !== 'read' && this.#use !== 'read-write')) return true;
    return this.push(data);
  }

  endReading(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  override _read(): void {
    this.#channels.wanted(this.#number);
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#use === 'write' || this.#use === 'read-write') this.#channels.send(this.#number, data, done);
    else done();
  }
}
