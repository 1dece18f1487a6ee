import type { Duplex } from 'node:stream';
import { encodeFrame, type Frame, FrameReader, RESET } from './frames.ts';
import { type HeaderFields, HeaderReader, HeaderWriter } from './header-block.ts';
import { SpdyError } from './spdy-error.ts';
import { SpdyStream, type StreamPort } from './stream.ts';

/** How a connection is spoken on. */
export interface SpdyOptions {
  /** True for who accepted the connection. */
  readonly server: boolean;
  /** Takes a stream that the peer opens; undefined or false refuses it. Default: all are refused. */
  readonly onStream?: (stream: SpdyStream) => boolean | undefined;
  /** After so long without a frame the connection is closed; absent: never. */
  readonly idleTimeoutMs?: number;
}

/** A peer may have so many streams open; further ones are refused. */
const MAX_STREAMS = 4096;

/** A stream of ours that the peer has not answered yet. */
interface Opening {
  readonly stream: SpdyStream;
  readonly opened: (stream: SpdyStream) => void;
  readonly refused: (error: Error) => void;
}

/**
 * SPDY/3.1 on a connection that was upgraded to it, as moby/spdystream speaks it: streams, headers and pings, no windows
 * and no settings.
 *
 * What a peer sends that is not SPDY ends the connection. Memory is bounded: a stream that nobody reads holds the whole
 * connection back.
 */
export class SpdyConnection {
  /** Resolves when the connection is over, for whatever reason. Never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #frames = new FrameReader();
  readonly #headers = { reader: new HeaderReader(), writer: new HeaderWriter() };
  readonly #streams = new Map<number, SpdyStream>();
  readonly #opening = new Map<number, Opening>();
  /** The streams whose readers are behind. */
  readonly #full = new Set<number>();
  readonly #port: StreamPort;
  #nextId: number;
  #lastReceived = 0;
  /** We say goodbye when the last stream has ended; the peer may have done so. */
  #leaving = false;
  #closing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #finish: () => void = () => {};

  /** @param head what came on the socket already */
  constructor(socket: Duplex, options: SpdyOptions, head: Buffer = Buffer.alloc(0)) {
    this.#socket = socket;
    this.#options = options;
    this.#nextId = options.server ? 2 : 1;
    this.closed = new Promise((resolve) => (this.#finish = resolve));
    this.#port = {
      data: (streamId, data, fin, done) => this.#send({ type: 'data', streamId, data, fin }, done),
      reset: (streamId) => this.#send({ type: 'rst-stream', streamId, status: RESET.cancel }),
      wanted: (streamId) => this.#wanted(streamId),
      gone: (streamId) => {
        this.#streams.delete(streamId);
        this.#wanted(streamId);
        this.#leaveIfDone();
      },
    };
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {});
    socket.once('end', () => this.#over('the connection ended'));
    socket.once('close', () => this.#over('the connection is closed'));
    this.#touch();
    if (head.length > 0) this.#read(head);
  }

  /** Opens a stream, and resolves when the peer has taken it. @throws SpdyError if it refuses, or the connection ends */
  createStream(fields: HeaderFields): Promise<SpdyStream> {
    if (this.#leaving || this.#socket.destroyed) return Promise.reject(new SpdyError('the connection is closed'));
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new SpdyStream(id, fields, this.#port);
    this.#streams.set(id, stream);
    return new Promise((opened, refused) => {
      this.#opening.set(id, { stream, opened, refused });
      this.#send({ type: 'syn-stream', streamId: id, fin: false, block: this.#headers.writer.write(fields) });
    });
  }

  /** Asks the peer for a sign of life; its answer counts against idleness. */
  ping(): void {
    this.#send({ type: 'ping', id: this.#options.server ? 2 : 1 });
  }

  /** Ends what is being sent on all streams, gives up what they would still bring, says goodbye and closes. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#leaving = true;
    for (const stream of [...this.#streams.values()]) {
      if (stream.writableFinished) stream.reset();
      else stream.once('finish', () => stream.reset());
      if (!stream.writableEnded) stream.end();
    }
    this.#leaveIfDone();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#over('the connection is closed');
  }

  #read(chunk: Buffer): void {
    this.#touch();
    try {
      for (const frame of this.#frames.read(chunk)) this.#handle(frame);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      this.destroy();
    }
    if (this.#full.size > 0) this.#socket.pause();
  }

  #handle(frame: Frame): void {
    switch (frame.type) {
      case 'syn-stream':
        return this.#accept(frame.streamId, this.#headers.reader.read(frame.block), frame.fin);
      case 'syn-reply':
        this.#headers.reader.read(frame.block);
        return this.#replied(frame.streamId, frame.fin);
      case 'headers':
        this.#headers.reader.read(frame.block);
        return this.#take(frame.streamId, Buffer.alloc(0), frame.fin);
      case 'data':
        return this.#take(frame.streamId, frame.data, frame.fin);
      case 'rst-stream':
        return this.#reset(frame.streamId);
      case 'ping':
        // those of our own parity are answers
        if ((frame.id % 2 === 0) !== this.#options.server) this.#send(frame);
        return;
      case 'go-away':
        this.#leaving = true;
        return this.#leaveIfDone();
      case 'other':
        return;
    }
  }

  #accept(id: number, fields: HeaderFields, fin: boolean): void {
    const isTheirs = id !== 0 && (id % 2 === 1) === this.#options.server;
    if (!isTheirs || id <= this.#lastReceived)
      return this.#send({ type: 'rst-stream', streamId: id, status: RESET.protocolError });
    this.#lastReceived = id;
    if (this.#leaving) return;
    const stream = new SpdyStream(id, fields, this.#port);
    // what is written at once comes after the answer
    stream.cork();
    const taken = this.#streams.size < MAX_STREAMS && (this.#options.onStream?.(stream) ?? false);
    if (!taken) return this.#send({ type: 'rst-stream', streamId: id, status: RESET.cancel });
    this.#streams.set(id, stream);
    this.#send({ type: 'syn-reply', streamId: id, fin: false, block: this.#headers.writer.write([]) });
    stream.uncork();
    if (fin) stream.receive(Buffer.alloc(0), true);
  }

  #replied(id: number, fin: boolean): void {
    const opening = this.#opening.get(id);
    this.#opening.delete(id);
    opening?.opened(opening.stream);
    if (fin) this.#take(id, Buffer.alloc(0), true);
  }

  #take(id: number, data: Buffer, fin: boolean): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined && !stream.destroyed && !stream.receive(data, fin)) this.#full.add(id);
  }

  #reset(id: number): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    this.#wanted(id);
    stream?.cut();
    this.#opening.get(id)?.refused(new SpdyError('the stream was reset'));
    this.#opening.delete(id);
    this.#leaveIfDone();
  }

  #wanted(id: number): void {
    if (this.#full.delete(id) && this.#full.size === 0) this.#socket.resume();
  }

  #leaveIfDone(): void {
    if (!this.#leaving || this.#streams.size > 0 || this.#socket.writableEnded) return;
    this.#send({ type: 'go-away', lastStreamId: this.#lastReceived, status: 0 });
    this.#socket.end();
    // the peer may have gone without a word
    this.#socket.resume();
  }

  #send(frame: Exclude<Frame, { type: 'other' }>, done?: (error?: Error | null) => void): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return done?.(new SpdyError('the connection is closed'));
    this.#touch();
    this.#socket.write(encodeFrame(frame), done);
  }

  #touch(): void {
    const { idleTimeoutMs } = this.#options;
    if (idleTimeoutMs === undefined) return;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.destroy(), idleTimeoutMs).unref();
    else this.#timer.refresh();
  }

  #over(why: string): void {
    this.#leaving = true;
    clearTimeout(this.#timer);
    for (const { refused } of this.#opening.values()) refused(new SpdyError(why));
    this.#opening.clear();
    for (const stream of this.#streams.values()) stream.cut();
    this.#streams.clear();
    this.#socket.destroy();
    this.#finish();
  }
}
