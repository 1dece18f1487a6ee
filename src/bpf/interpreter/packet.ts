import { ByteRegion, type Memory } from './memory.ts';
import { InterpreterFault } from './fault.ts';

/** What a driver leaves in front of a packet, less what the kernel keeps there. */
const HEADROOM = 216;
/** How long a packet can become: a page, less headroom and what the kernel keeps behind. */
const LARGEST = 3520;

/**
 * A packet and the room around it. Whenever its bounds change its addresses do too, so that a pointer from before, which the
 * verifier would refuse, faults.
 */
export class Packet {
  readonly #memory: Memory;
  #buffer: Uint8Array;
  #start = HEADROOM;
  #end: number;
  #meta = HEADROOM;
  #region: ByteRegion | undefined;
  #address = 0n;

  constructor(memory: Memory, data: Uint8Array) {
    this.#memory = memory;
    this.#buffer = new Uint8Array(HEADROOM + Math.max(data.length, LARGEST));
    this.#buffer.set(data, HEADROOM);
    this.#end = HEADROOM + data.length;
    this.#expose();
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** The packet's bytes, which may be changed. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** The address of the first byte. */
  get data(): bigint {
    return this.#address + BigInt(this.#start - this.#meta);
  }

  /** The address behind the last byte. */
  get dataEnd(): bigint {
    return this.#address + BigInt(this.#end - this.#meta);
  }

  /** The address of the bytes before the packet that belong to it. */
  get dataMeta(): bigint {
    return this.#address;
  }

  /** Moves the beginning: negative makes room in front. False if there is no such room, or nothing would be left. */
  moveStart(delta: number, leastLeft: number): boolean {
    const metaBytes = this.#start - this.#meta;
    const start = this.#start + delta;
    if (start - metaBytes < 0 || start > this.#end - leastLeft) return false;
    this.#buffer.copyWithin(start - metaBytes, this.#meta, this.#start);
    this.#start = start;
    this.#meta = start - metaBytes;
    this.#expose();
    return true;
  }

  /** Moves the end: what is added is zeros. False if there is no room, or too little would be left. */
  moveEnd(delta: number, leastLeft: number): boolean {
    const end = this.#end + delta;
    if (end > this.#buffer.length || end < this.#start + leastLeft) return false;
    if (delta > 0) this.#buffer.fill(0, this.#end, end);
    this.#end = end;
    this.#expose();
    return true;
  }

  /** Moves where the bytes before the packet begin. */
  moveMeta(delta: number): boolean {
    const meta = this.#meta + delta;
    if (meta > this.#start || this.#start - meta > 32 || (this.#start - meta) % 4 !== 0) return false;
    this.#meta = meta;
    this.#expose();
    return true;
  }

  /** Puts zeros into the packet, or takes bytes out of it. */
  splice(at: number, removed: number, added: number): void {
    const { bytes } = this;
    const length = bytes.length - removed + added;
    const next = new Uint8Array(HEADROOM + Math.max(length, LARGEST));
    next.set(bytes.subarray(0, at), HEADROOM);
    next.set(bytes.subarray(at + removed), HEADROOM + at + added);
    this.#end = HEADROOM + length;
    this.#buffer = next;
    this.#start = HEADROOM;
    this.#meta = HEADROOM;
    this.#expose();
  }

  /** Gives the packet new addresses. */
  #expose(): void {
    if (this.#region) this.#memory.remove(this.#address);
    this.#region = new ByteRegion('the packet', this.#buffer.subarray(this.#meta, this.#end));
    this.#address = this.#memory.add(this.#region);
  }
}

/** A part of the packet for a helper; undefined where it is not within. */
export function partOf(packet: Packet, offset: bigint, length: bigint): Uint8Array | undefined {
  if (length < 0n) throw new InterpreterFault('gives a helper a negative length');
  if (offset + length > BigInt(packet.length)) return undefined;
  return packet.bytes.subarray(Number(offset), Number(offset + length));
}
