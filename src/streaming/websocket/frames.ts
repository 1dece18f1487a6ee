/** What a WebSocket message is of. */
export type MessageKind = 'text' | 'binary';

/** A whole message, or what keeps a connection in order (RFC 6455). */
export type WebSocketEvent =
  | { readonly type: 'message'; readonly kind: MessageKind; readonly data: Buffer }
  | { readonly type: 'ping' | 'pong' | 'close'; readonly data: Buffer };

/** A peer that does not speak WebSocket, or sends too much. */
export class WebSocketError extends Error {
  override readonly name = 'WebSocketError';
  /** The code that the connection is closed with. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const MAX_CONTROL_BYTES = 125;
/** kubectl sends messages of 32 KiB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

interface FrameHead {
  readonly opcode: number;
  readonly fin: boolean;
  readonly mask: Buffer | undefined;
  readonly headBytes: number;
  readonly length: number;
}

/** Reads the frames of one side of a connection, and puts messages together that came in pieces. */
export class WebSocketReader {
  readonly #masked: boolean;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Nothing is looked at before so many bytes are there. */
  #needed = 2;
  #pieces: { readonly kind: MessageKind; readonly parts: Buffer[]; bytes: number } | undefined;

  /** @param masked true for what clients send, whose frames have to be masked */
  constructor(masked: boolean) {
    this.#masked = masked;
  }

  /** @throws WebSocketError for what is none of the protocol, or a message above 16 MiB */
  *read(chunk: Buffer): Generator<WebSocketEvent> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#needed) return;
    let bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    this.#needed = 2;
    for (;;) {
      const head = headOf(bytes);
      if (head === undefined) break;
      this.#check(head);
      if (bytes.length < head.headBytes + head.length) {
        this.#needed = head.headBytes + head.length;
        break;
      }
      const event = this.#event(
        head,
        unmasked(bytes.subarray(head.headBytes, head.headBytes + head.length), head.mask),
      );
      bytes = bytes.subarray(head.headBytes + head.length);
      if (event !== undefined) yield event;
    }
    this.#pending = bytes.length === 0 ? [] : [Buffer.from(bytes)];
    this.#pendingBytes = bytes.length;
  }

  #check({ opcode, fin, mask, length }: FrameHead): void {
    if ((mask !== undefined) !== this.#masked) throw new WebSocketError(1002, 'a frame is not masked as it must be');
    const isControl = opcode >= OPCODE.close;
    if (isControl && (!fin || length > MAX_CONTROL_BYTES))
      throw new WebSocketError(1002, 'a control frame is too long or in pieces');
    if (length + (this.#pieces?.bytes ?? 0) > MAX_MESSAGE_BYTES)
      throw new WebSocketError(1009, 'a message is too large');
  }

  /** Undefined while a message is not whole. */
  #event({ opcode, fin }: FrameHead, data: Buffer): WebSocketEvent | undefined {
    switch (opcode) {
      case OPCODE.close:
        return { type: 'close', data };
      case OPCODE.ping:
        return { type: 'ping', data };
      case OPCODE.pong:
        return { type: 'pong', data };
      case OPCODE.text:
      case OPCODE.binary:
        if (this.#pieces !== undefined) throw new WebSocketError(1002, 'a message begins within another');
        this.#pieces = { kind: opcode === OPCODE.text ? 'text' : 'binary', parts: [], bytes: 0 };
        return this.#piece(data, fin);
      case OPCODE.continuation:
        if (this.#pieces === undefined) throw new WebSocketError(1002, 'a message goes on that has not begun');
        return this.#piece(data, fin);
      default:
        throw new WebSocketError(1002, `opcode ${opcode} is not known`);
    }
  }

  #piece(data: Buffer, fin: boolean): WebSocketEvent | undefined {
    const pieces = this.#pieces!;
    pieces.parts.push(data);
    pieces.bytes += data.length;
    if (!fin) return undefined;
    this.#pieces = undefined;
    return { type: 'message', kind: pieces.kind, data: Buffer.concat(pieces.parts) };
  }
}

/** Undefined while it is not whole. */
function headOf(bytes: Buffer): FrameHead | undefined {
  if (bytes.length < 2) return undefined;
  if ((bytes[0]! & RESERVED) !== 0) throw new WebSocketError(1002, 'a frame has reserved bits');
  const short = bytes[1]! & 0x7f;
  const extraBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (bytes[1]! & MASKED) !== 0;
  const headBytes = 2 + extraBytes + (isMasked ? 4 : 0);
  if (bytes.length < headBytes) return undefined;
  const length = extraBytes === 0 ? short : extraBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const mask = isMasked ? bytes.subarray(headBytes - 4, headBytes) : undefined;
  return { opcode: bytes[0]! & 0x0f, fin: (bytes[0]! & FIN) !== 0, mask, headBytes, length };
}

function unmasked(bytes: Buffer, mask: Buffer | undefined): Buffer {
  const copy = Buffer.from(bytes);
  if (mask !== undefined) for (let i = 0; i < copy.length; i++) copy[i] = copy[i]! ^ mask[i & 3]!;
  return copy;
}

/** The bytes of a frame that is a whole message, or keeps the connection in order. A server masks none. */
export function encodeWebSocketFrame(
  type: MessageKind | 'ping' | 'pong' | 'close',
  data: Uint8Array,
  mask?: Buffer,
): Buffer {
  const extraBytes = data.length < 126 ? 0 : data.length < 65536 ? 2 : 8;
  const head = Buffer.alloc(2 + extraBytes + (mask ? 4 : 0));
  head[0] = FIN | OPCODE[type];
  head[1] = (mask ? MASKED : 0) | (extraBytes === 0 ? data.length : extraBytes === 2 ? 126 : 127);
  if (extraBytes === 2) head.writeUInt16BE(data.length, 2);
  if (extraBytes === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
  mask?.copy(head, head.length - 4);
  return Buffer.concat([head, unmasked(Buffer.from(data), mask)]);
}
