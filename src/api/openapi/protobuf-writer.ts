/** Writes protobuf messages into a buffer that grows; fields in the order of the calls. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** A text field. */
  string(field: number, value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#reserve(bytes + 20);
    this.#varint((field << 3) | 2);
    this.#varint(bytes);
    this.#length += this.#buffer.write(value, this.#length);
  }

  /** A truth value; false is not written, as it is the default. */
  bool(field: number, value: boolean): void {
    if (!value) return;
    this.#reserve(20);
    this.#varint(field << 3);
    this.#varint(1);
  }

  /** A whole number; zero is not written, as it is the default. */
  int64(field: number, value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    if (rest === 0n) return;
    this.#reserve(20);
    this.#varint(field << 3);
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#length++] = Number(rest);
  }

  /** A number of any kind; zero is not written, as it is the default. */
  double(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#varint((field << 3) | 1);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** A message field; `write` writes its fields. */
  message(field: number, write: () => void): void {
    this.#reserve(20);
    this.#varint((field << 3) | 2);
    const start = this.#length;
    write();
    const bytes = this.#length - start;
    // the length is known only now: what was written moves up to make room for it
    const room = varintLength(bytes);
    this.#reserve(room);
    this.#buffer.copyWithin(start + room, start, this.#length);
    this.#length = start;
    this.#varint(bytes);
    this.#length += bytes;
  }

  /** What has been written. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}
