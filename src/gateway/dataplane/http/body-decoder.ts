import type { Framing } from './framing.ts';
import { HttpSyntaxError, parseTrailers } from './head-parser.ts';
import type { BodyReceiver } from './message.ts';

const CR = 0x0d;
const LF = 0x0a;
/** Of a chunk's first line, with its extensions. */
const MOST_LINE_BYTES = 4096;
const MOST_TRAILER_BYTES = 16_384;

/** Takes the bytes of a body out of what a connection says. */
export interface BodyDecoder {
  /** Hands on what of `chunk` is the body's, from `start`. @returns where the next message begins; -1 while there is more to come @throws HttpSyntaxError */
  push(chunk: Buffer, start: number): number;
}

/** A decoder for a framing; the receiver's `end` is called when the body is over. */
export function bodyDecoder(framing: Framing, receiver: BodyReceiver): BodyDecoder {
  if (framing.type === 'length') return new LengthDecoder(framing.length, receiver);
  return framing.type === 'chunked' ? new ChunkedDecoder(receiver) : new UntilCloseDecoder(receiver);
}

class LengthDecoder implements BodyDecoder {
  #left: number;
  readonly #receiver: BodyReceiver;

  constructor(length: number, receiver: BodyReceiver) {
    this.#left = length;
    this.#receiver = receiver;
  }

  push(chunk: Buffer, start: number): number {
    const available = chunk.length - start;
    if (available <= 0 && this.#left > 0) return -1;
    const taken = Math.min(available, this.#left);
    this.#left -= taken;
    if (taken > 0) this.#receiver.data(slice(chunk, start, start + taken));
    if (this.#left > 0) return -1;
    this.#receiver.end();
    return start + taken;
  }
}

class UntilCloseDecoder implements BodyDecoder {
  readonly #receiver: BodyReceiver;

  constructor(receiver: BodyReceiver) {
    this.#receiver = receiver;
  }

  push(chunk: Buffer, start: number): number {
    if (start < chunk.length) this.#receiver.data(slice(chunk, start, chunk.length));
    return -1;
  }
}

/** Chunks of RFC 9112, 7.1, read to the letter: hexadecimal digits, CRLF and nothing like it. Extensions are passed over. */
class ChunkedDecoder implements BodyDecoder {
  readonly #receiver: BodyReceiver;
  #state: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  #left = 0;
  /** A line that has not ended yet. */
  #line = '';
  #trailers = '';

  constructor(receiver: BodyReceiver) {
    this.#receiver = receiver;
  }

  push(chunk: Buffer, start: number): number {
    let at = start;
    while (at < chunk.length) {
      if (this.#state === 'data') {
        at = this.#data(chunk, at);
        continue;
      }
      const end = chunk.indexOf(LF, at);
      this.#line += chunk.toString('latin1', at, end === -1 ? chunk.length : end);
      if (this.#line.length > (this.#state === 'trailers' ? MOST_TRAILER_BYTES : MOST_LINE_BYTES)) throw malformed();
      if (end === -1) return -1;
      at = end + 1;
      if (this.#lineEnds()) return at;
    }
    return -1;
  }

  #data(chunk: Buffer, at: number): number {
    const to = Math.min(chunk.length, at + this.#left);
    this.#left -= to - at;
    if (this.#left === 0) this.#state = 'data-end';
    this.#receiver.data(slice(chunk, at, to));
    return to;
  }

  /** @returns whether the body is over */
  #lineEnds(): boolean {
    const line = this.#line;
    this.#line = '';
    if (line.charCodeAt(line.length - 1) !== CR) throw malformed();
    const text = line.slice(0, -1);
    if (this.#state === 'trailers') return this.#trailerEnds(text);
    if (this.#state === 'data-end') {
      if (text !== '') throw malformed();
      this.#state = 'size';
      return false;
    }
    this.#left = parseSize(text);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
    return false;
  }

  #trailerEnds(text: string): boolean {
    if (text !== '') {
      this.#trailers += this.#trailers === '' ? text : `\r\n${text}`;
      if (this.#trailers.length > MOST_TRAILER_BYTES) throw malformed();
      return false;
    }
    const trailers = parseTrailers(this.#trailers);
    this.#receiver.end(trailers.flat.length === 0 ? undefined : trailers);
    return true;
  }
}

function parseSize(text: string): number {
  const match = /^([0-9a-fA-F]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/.exec(text);
  if (match === null) throw malformed();
  return Number.parseInt(match[1]!, 16);
}

function slice(chunk: Buffer, start: number, end: number): Buffer {
  return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
}

function malformed(): HttpSyntaxError {
  return new HttpSyntaxError(400, 'a body of chunks is malformed');
}
