import { native } from './native.ts';

/** The longest of the kernel's attributes. Zeros behind what a kernel knows are allowed, so all calls have this size. */
const SIZE = 152;

/** The argument of bpf(2): a block of fields at offsets that each command has its own of. */
export class Attributes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** What pointers lead to, held as long as the call may read it. */
  readonly #held: Uint8Array[] = [];

  constructor(size: number = SIZE) {
    this.bytes = new Uint8Array(new ArrayBuffer(size));
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Writes 32 bits. */
  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  /** Writes 64 bits. */
  u64(offset: number, value: bigint): this {
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  /** Writes where bytes are; no bytes are no pointer. */
  pointer(offset: number, bytes: Uint8Array | undefined): this {
    if (bytes === undefined || bytes.length === 0) return this;
    this.#held.push(bytes);
    return this.u64(offset, native().address(bytes));
  }

  /** Writes a name of at most fifteen characters. */
  name(offset: number, text: string): this {
    this.bytes.set(Buffer.from(text.slice(0, 15)), offset);
    return this;
  }

  /** Reads what a call wrote back. */
  readU32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** Reads what a call wrote back. */
  readU64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }
}

/** A string that ends with a zero, for pointers. */
export function cString(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${text}\0`));
}
