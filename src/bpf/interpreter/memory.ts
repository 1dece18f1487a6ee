import { InterpreterFault } from './fault.ts';

/** Memory that programs see as addresses: a piece with bounds of its own, so that nothing is reached by accident. */
export interface Region {
  /** How faults call it. */
  readonly name: string;
  /** The number of `size` bytes, little endian. */
  load(offset: number, size: number): bigint;
  store(offset: number, size: number, value: bigint): void;
  /** The bytes themselves, for helpers; `isWritten` says that they will be changed. */
  slice(offset: number, length: number, isWritten: boolean): Uint8Array;
}

/** A region of plain bytes. */
export class ByteRegion implements Region {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isWritable: boolean;
  readonly #view: DataView;

  constructor(name: string, bytes: Uint8Array, isWritable = true) {
    this.name = name;
    this.bytes = bytes;
    this.isWritable = isWritable;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  load(offset: number, size: number): bigint {
    this.check(offset, size, false);
    return read(this.#view, offset, size);
  }

  store(offset: number, size: number, value: bigint): void {
    this.check(offset, size, true);
    write(this.#view, offset, size, value);
  }

  slice(offset: number, length: number, isWritten: boolean): Uint8Array {
    this.check(offset, length, isWritten);
    return this.bytes.subarray(offset, offset + length);
  }

  /** @throws InterpreterFault it is not within. */
  check(offset: number, length: number, isWritten: boolean): void {
    if (offset < 0 || offset + length > this.bytes.length) {
      const verb = isWritten ? 'writes' : 'reads';
      throw new InterpreterFault(
        `${verb} ${length} bytes at ${offset} of ${this.name}, which has ${this.bytes.length}`,
      );
    }
    if (isWritten && !this.isWritable) throw new InterpreterFault(`writes to ${this.name}, which it may only read`);
  }
}

/** A function's stack; what was never written cannot be read. */
export class StackRegion extends ByteRegion {
  readonly #written = new Uint8Array(STACK_BYTES);

  constructor() {
    super('the stack', new Uint8Array(STACK_BYTES));
  }

  override check(offset: number, length: number, isWritten: boolean): void {
    super.check(offset, length, isWritten);
    if (isWritten) this.#written.fill(1, offset, offset + length);
    else if (this.#written.subarray(offset, offset + length).includes(0))
      throw new InterpreterFault(`reads ${length} bytes of stack at ${offset - STACK_BYTES} that were never written`);
  }
}

/** Bytes of a function's stack. */
export const STACK_BYTES = 512;

/** All regions of a run, and their addresses: the upper half names a region, the lower is the offset in it. */
export class Memory {
  readonly #regions: (Region | undefined)[] = [undefined];
  readonly #addresses = new Map<unknown, bigint>();

  /** Gives a region its address. */
  add(region: Region): bigint {
    this.#regions.push(region);
    return BigInt(this.#regions.length - 1) << 32n;
  }

  /** The address of what has one for the whole run: a map's value, a map. */
  addressOf(identity: unknown, make: () => Region): bigint {
    let address = this.#addresses.get(identity);
    if (address === undefined) {
      address = this.add(make());
      this.#addresses.set(identity, address);
    }
    return address;
  }

  /** Takes a region away: who still has its address, faults. */
  remove(address: bigint): void {
    this.#regions[Number(address >> 32n)] = undefined;
  }

  /** @throws InterpreterFault nothing is there. */
  regionAt(address: bigint): Region {
    const region = this.#regions[Number(address >> 32n)];
    if (region === undefined) throw new InterpreterFault(`uses 0x${address.toString(16)}, where no memory is`);
    return region;
  }

  load(address: bigint, size: number): bigint {
    return this.regionAt(address).load(Number(address & 0xffff_ffffn), size);
  }

  store(address: bigint, size: number, value: bigint): void {
    this.regionAt(address).store(Number(address & 0xffff_ffffn), size, value);
  }

  /** Bytes for a helper. */
  slice(address: bigint, length: number, isWritten = false): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    return this.regionAt(address).slice(Number(address & 0xffff_ffffn), length, isWritten);
  }
}

/** A number of little endian bytes. */
export function read(view: DataView, offset: number, size: number): bigint {
  if (size === 8) return view.getBigUint64(offset, true);
  if (size === 4) return BigInt(view.getUint32(offset, true));
  return BigInt(size === 2 ? view.getUint16(offset, true) : view.getUint8(offset));
}

/** Writes the lowest bytes of a number, little endian. */
export function write(view: DataView, offset: number, size: number, value: bigint): void {
  if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  else if (size === 4) view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
  else if (size === 2) view.setUint16(offset, Number(BigInt.asUintN(16, value)), true);
  else view.setUint8(offset, Number(BigInt.asUintN(8, value)));
}
