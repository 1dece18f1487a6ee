/** The wire type of integers and booleans: seven bits a byte, the lowest first. */
export const VARINT = 0;
/** The wire type of doubles and fixed64: eight bytes, the lowest first. */
export const FIXED64 = 1;
/** The wire type of texts, bytes and messages: a length and so many bytes. */
export const BYTES = 2;
const GROUP_START = 3;
const GROUP_END = 4;
/** The wire type of floats and fixed32: four bytes, the lowest first. */
export const FIXED32 = 5;

/** Short texts are written a character at a time, which takes less than to ask for their size and write them. */
const MOST_BY_CHARACTER = 64;

/**
 * Writes a message from its end to its beginning, so that the length of what is inside is known when it is needed.
 */
export class ProtoWriter {
  #buffer: Buffer;
  /** Where the written part begins. */
  #start: number;

  /** @param capacity bytes for which there is room; there comes to be more when it is needed */
  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#start = capacity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  /** Takes back what was written since `length` had this value. */
  take(lengthBefore: number): void {
    this.#start = this.#buffer.length - lengthBefore;
  }

  /** What was written; valid as long as the writer is not used again. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  /** Makes room for `count` bytes in front and returns where they begin. */
  #reserve(count: number): number {
    if (this.#start < count) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + count));
      this.#buffer.copy(larger, larger.length - this.length, this.#start);
      this.#start = larger.length - this.length;
      this.#buffer = larger;
    }
    this.#start -= count;
    return this.#start;
  }

  /** An unsigned number below 2^53. */
  varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    let at = this.#reserve(size);
    for (; value >= 128; value = Math.floor(value / 128)) this.#buffer[at++] = (value % 128) | 128;
    this.#buffer[at] = value;
  }

  /** An int64; negative ones take ten bytes. */
  int64(value: number | bigint): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.varint(Number(value));
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  /** Room for bytes that are known elsewhere: what lies there is nothing. */
  skip(count: number): void {
    this.#reserve(count);
  }

  string(value: string): void {
    if (value.length <= MOST_BY_CHARACTER && this.#ascii(value)) return;
    const size = Buffer.byteLength(value);
    const at = this.#reserve(size);
    this.#buffer.write(value, at, size, 'utf8');
  }

  /** False for what has other characters: of that nothing is written. */
  #ascii(value: string): boolean {
    const at = this.#reserve(value.length);
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.#start += value.length;
        return false;
      }
      buffer[at + i] = code;
    }
    return true;
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  float(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeFloatLE(value, at);
  }

  /** A fixed32; a negative one as sfixed32 has it. */
  fixed32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeUInt32LE(value >>> 0, at);
  }

  /** A fixed64; a negative one as sfixed64 has it. */
  fixed64(value: bigint): void {
    const at = this.#reserve(8);
    this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  /** The key of a field, in front of its value. */
  tag(number: number, wire: number): void {
    this.varint(number * 8 + wire);
  }

  /** Length and key in front of what was written since `length` had this value. */
  close(number: number, lengthBefore: number): void {
    this.varint(this.length - lengthBefore);
    this.tag(number, BYTES);
  }
}

/** What a reader throws at malformed bytes. */
export class WireError extends Error {
  /** In bytes, from the beginning of the outermost message. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'WireError';
    this.offset = offset;
  }
}

/** Reads a message from its beginning; all errors have the text of the Go decoders. */
export class ProtoReader {
  readonly #buffer: Buffer;
  #pos: number;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#pos = 0;
    this.#end = bytes.byteLength;
  }

  /** Everything up to the end of the current message has been read. */
  get done(): boolean {
    return this.#pos >= this.#end;
  }

  /** Where it reads, in bytes. */
  get offset(): number {
    return this.#pos;
  }

  /** Throws an error about what is read here. */
  fail(message: string): never {
    throw new WireError(message, this.#pos);
  }

  /** Enters a message of this length; returns the end to go back to with {@link leave}. */
  enter(): number {
    const length = this.length();
    const outer = this.#end;
    this.#end = this.#pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  /** A varint as a number; the low 53 bits are exact. Longer ones are read with {@link int64}. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#pos >= this.#end) this.fail('unexpected EOF');
      const byte = this.#buffer[this.#pos++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    return this.fail('proto: integer overflow');
  }

  /** A signed 64-bit integer: bigint beyond 2^53. */
  int64(): number | bigint {
    const start = this.#pos;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let i = this.#pos - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.#buffer[i]! & 127);
    exact = BigInt.asIntN(64, exact);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  /** A signed 32-bit integer, from the low half of a varint. */
  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.int64())));
  }

  double(): number {
    if (this.#pos + 8 > this.#end) this.fail('unexpected EOF');
    this.#pos += 8;
    return this.#buffer.readDoubleLE(this.#pos - 8);
  }

  float(): number {
    this.#advance(4);
    return this.#buffer.readFloatLE(this.#pos - 4);
  }

  /** A fixed32, without a sign. */
  fixed32(): number {
    this.#advance(4);
    return this.#buffer.readUInt32LE(this.#pos - 4);
  }

  /** A fixed64, without a sign. */
  fixed64(): bigint {
    this.#advance(8);
    return this.#buffer.readBigUInt64LE(this.#pos - 8);
  }

  /** A length; what it measures lies inside of the current message. */
  length(): number {
    const length = this.varint();
    if (length >= 2 ** 63) this.fail('proto: negative length found during unmarshaling');
    if (this.#pos + length > this.#end) this.fail('unexpected EOF');
    return length;
  }

  /** A copy-free view on the bytes of a field. */
  bytes(): Buffer {
    const length = this.length();
    this.#pos += length;
    return this.#buffer.subarray(this.#pos - length, this.#pos);
  }

  /** All that is left of the current message. */
  rest(): Buffer {
    const start = this.#pos;
    this.#pos = this.#end;
    return this.#buffer.subarray(start, this.#end);
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  /** Skips a value of a field that is not known. */
  skip(wire: number): void {
    let depth = 0;
    for (;;) {
      if (wire === VARINT) this.varint();
      else if (wire === FIXED64) this.#advance(8);
      else if (wire === BYTES) this.#advance(this.length());
      else if (wire === GROUP_START) depth++;
      else if (wire === GROUP_END && depth > 0) depth--;
      else if (wire === FIXED32) this.#advance(4);
      else this.fail(wire === GROUP_END ? 'proto: unexpected end of group' : `proto: illegal wireType ${wire}`);
      if (depth === 0) return;
      wire = this.varint() % 8;
    }
  }

  #advance(count: number): void {
    if (this.#pos + count > this.#end) this.fail('unexpected EOF');
    this.#pos += count;
  }
}
