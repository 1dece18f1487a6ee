import { SpdyError } from './spdy-error.ts';

/** What a frame of SPDY/3.1 says. Of header blocks it has the bytes, still compressed. */
export type Frame =
  | { readonly type: 'syn-stream'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'syn-reply'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'headers'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rst-stream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'go-away'; readonly lastStreamId: number; readonly status: number }
  /** Part of the data of a stream; `fin` with the last part of the last frame. */
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly data: Buffer }
  /** SETTINGS, WINDOW_UPDATE and others, which nobody acts on. */
  | { readonly type: 'other'; readonly control: number };

/** Why a stream is reset. */
export const RESET = { protocolError: 1, refusedStream: 3, cancel: 5, internalError: 6 } as const;

const VERSION = 3;
const CONTROL = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
const FIN = 1;
const HEAD_BYTES = 8;
/** Control frames of Kubernetes' clients have some hundred bytes. */
const MAX_CONTROL_BYTES = 256 * 1024;
const STREAM_ID = 0x7fffffff;

/** Reads frames from bytes as they come. Data is handed on as it comes; of control frames at most 256 KiB are kept. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  /** The frame of data that is being read. */
  #data: { readonly streamId: number; readonly fin: boolean; missing: number } | undefined;

  /** @throws SpdyError for what is no frame of SPDY/3.1, or too long */
  *read(chunk: Buffer): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    while (bytes.length > 0) {
      const taken: number = this.#data === undefined ? this.#head(bytes) : 0;
      if (this.#data !== undefined) {
        const part = bytes.subarray(taken, taken + this.#data.missing);
        bytes = bytes.subarray(taken + part.length);
        const frame = this.#dataFrame(part);
        if (frame !== undefined) yield frame;
        continue;
      }
      if (taken === 0) break;
      yield controlFrame(bytes.subarray(0, taken));
      bytes = bytes.subarray(taken);
    }
    this.#rest = Buffer.from(bytes);
  }

  /** How many bytes the control frame, or the head of the frame of data, at the front has; 0 while it is not whole. */
  #head(bytes: Buffer): number {
    if (bytes.length < HEAD_BYTES) return 0;
    const first = bytes.readUInt32BE();
    const length = bytes.readUIntBE(5, 3);
    if (first <= STREAM_ID) {
      this.#data = { streamId: first, fin: (bytes[4]! & FIN) !== 0, missing: length };
      return HEAD_BYTES;
    }
    if (((first >>> 16) & 0x7fff) !== VERSION) throw new SpdyError('a frame is not of SPDY/3');
    if (length > MAX_CONTROL_BYTES) throw new SpdyError(`a control frame has more than ${MAX_CONTROL_BYTES} bytes`);
    return bytes.length < HEAD_BYTES + length ? 0 : HEAD_BYTES + length;
  }

  /** Undefined for a part without data that does not end the frame. */
  #dataFrame(part: Buffer): Frame | undefined {
    const frame = this.#data!;
    frame.missing -= part.length;
    const isLast = frame.missing === 0;
    if (isLast) this.#data = undefined;
    else if (part.length === 0) return undefined;
    return { type: 'data', streamId: frame.streamId, fin: isLast && frame.fin, data: part };
  }
}

function controlFrame(bytes: Buffer): Frame {
  const control = bytes.readUInt16BE(2);
  const fin = (bytes[4]! & FIN) !== 0;
  const body = bytes.subarray(HEAD_BYTES);
  const need = (length: number): void => {
    if (body.length < length) throw new SpdyError('a control frame is too short');
  };
  const id = (at: number): number => body.readUInt32BE(at) & STREAM_ID;
  switch (control) {
    case CONTROL.synStream:
      need(10);
      return { type: 'syn-stream', streamId: id(0), fin, block: Buffer.from(body.subarray(10)) };
    case CONTROL.synReply:
      need(4);
      return { type: 'syn-reply', streamId: id(0), fin, block: Buffer.from(body.subarray(4)) };
    case CONTROL.headers:
      need(4);
      return { type: 'headers', streamId: id(0), fin, block: Buffer.from(body.subarray(4)) };
    case CONTROL.rstStream:
      need(8);
      return { type: 'rst-stream', streamId: id(0), status: body.readUInt32BE(4) };
    case CONTROL.ping:
      need(4);
      return { type: 'ping', id: body.readUInt32BE() };
    case CONTROL.goAway:
      need(8);
      return { type: 'go-away', lastStreamId: id(0), status: body.readUInt32BE(4) };
    default:
      return { type: 'other', control };
  }
}

/** The bytes of a frame. */
export function encodeFrame(frame: Exclude<Frame, { type: 'other' }>): Buffer {
  switch (frame.type) {
    case 'data': {
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32BE(frame.streamId);
      head[4] = frame.fin ? FIN : 0;
      head.writeUIntBE(frame.data.length, 5, 3);
      return Buffer.concat([head, frame.data]);
    }
    case 'syn-stream':
      // no stream that it is about, the highest priority, no slot
      return control(CONTROL.synStream, [numbers(frame.streamId, 0), Buffer.alloc(2), frame.block], frame.fin);
    case 'syn-reply':
      return control(CONTROL.synReply, [numbers(frame.streamId), frame.block], frame.fin);
    case 'headers':
      return control(CONTROL.headers, [numbers(frame.streamId), frame.block], frame.fin);
    case 'rst-stream':
      return control(CONTROL.rstStream, [numbers(frame.streamId, frame.status)]);
    case 'ping':
      return control(CONTROL.ping, [numbers(frame.id)]);
    case 'go-away':
      return control(CONTROL.goAway, [numbers(frame.lastStreamId, frame.status)]);
  }
}

function control(type: number, parts: readonly Buffer[], fin = false): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION);
  head.writeUInt16BE(type, 2);
  head[4] = fin ? FIN : 0;
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}
