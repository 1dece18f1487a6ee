import { Duplex } from 'node:stream';
import type { HeaderFields } from './header-block.ts';

/** What a stream needs of its connection. */
export interface StreamPort {
  /** Sends data; called back when the connection can take more. */
  data(streamId: number, data: Buffer, fin: boolean, done: (error?: Error | null) => void): void;
  reset(streamId: number): void;
  /** Somebody reads again what was held back. */
  wanted(streamId: number): void;
  gone(streamId: number): void;
}

/** A frame's data at most: others get their turn in between. */
const MAX_DATA_BYTES = 64 * 1024;

/**
 * One stream of a connection: bytes in both directions, of which each ends on its own.
 *
 * A stream that the peer resets, or whose connection ends, emits `cut`: what has come can still be read, then it ends, and
 * what is written goes nowhere. What nobody reads is held back at the peer, with all that the connection carries: SPDY as Kubernetes speaks it has no
 * windows.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  /** What the stream was opened with. */
  readonly fields: HeaderFields;
  readonly #port: StreamPort;
  #isCut = false;

  constructor(id: number, fields: HeaderFields, port: StreamPort) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.fields = fields;
    this.#port = port;
    this.on('error', () => {});
    this.once('close', () => port.gone(id));
  }

  /** The first value of a header; empty if there is none. */
  header(name: string): string {
    return this.fields.find(([key]) => key === name.toLowerCase())?.[1] ?? '';
  }

  /** Ends both directions at once, without what is still to be read or sent. */
  reset(): void {
    if (this.destroyed) return;
    this.#port.reset(this.id);
    this.destroy();
  }

  /** Takes what came for it. False: no more, until it is wanted. */
  receive(data: Buffer, fin: boolean): boolean {
    if (this.#isCut) return true;
    const more = data.length === 0 || this.push(data);
    if (fin) this.push(null);
    return more;
  }

  /** The peer, or the connection, gave it up. */
  cut(): void {
    if (this.#isCut || this.destroyed) return;
    this.#isCut = true;
    this.push(null);
    if (!this.writableEnded) this.end();
    this.emit('cut');
  }

  override _read(): void {
    this.#port.wanted(this.id);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isCut) return done();
    const first = chunk.subarray(0, MAX_DATA_BYTES);
    const rest = chunk.subarray(MAX_DATA_BYTES);
    this.#port.data(this.id, first, false, (error) => {
      if (error || rest.length === 0) done(error);
      else this._write(rest, _encoding, done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isCut) done();
    else this.#port.data(this.id, Buffer.alloc(0), true, done);
  }
}
