import { BpfError } from '../errors.ts';
import type { KernelMap } from './map.ts';
import { errnoName, type Mapping, native } from './native.ts';

/** The kernel gives each element of an array whole words of this many bytes. */
const STEP = 8;
const PAGE_BYTES = 4096;

/**
 * The elements of an array, of four bytes each, as memory of this process: many are written as fast as memory is, with no call. For
 * arrays with the flag `mmapable`. Programs see an element when it is written, and each as a whole.
 */
export class MappedArray {
  readonly #mapping: Mapping;
  readonly #words: Uint32Array;
  readonly #count: number;
  #isOpen = true;

  /** @throws BpfError the array has not the flag, or there is no room for its memory; TypeError its elements have not four bytes. */
  constructor(map: KernelMap) {
    const { name, type, value, maxEntries, flags } = map.spec;
    if (type !== 'array' || value.size !== 4 || !flags.includes('mmapable'))
      throw new TypeError(`Map ${name} must be an array of four bytes each, with the flag mmapable`);
    const length = Math.ceil((maxEntries * STEP) / PAGE_BYTES) * PAGE_BYTES;
    const mapping = native().mmap(length, true, map.fd, 0);
    if (mapping === undefined) throw new BpfError(`map the memory of "${name}"`, errnoName(native().errno()));
    this.#mapping = mapping;
    this.#words = new Uint32Array(mapping.bytes.buffer, mapping.bytes.byteOffset, length / 4);
    this.#count = maxEntries;
  }

  /** Writes elements one behind the other. */
  write(offset: number, values: Uint32Array): void {
    this.#check(offset, values.length);
    const words = this.#words;
    // by index: an iterator would take longer than all the rest
    for (let i = 0, at = 2 * offset; i < values.length; i++, at += 2) words[at] = values[i] as number;
  }

  /** Elements one behind the other, as a copy. */
  read(offset: number, count: number): Uint32Array {
    this.#check(offset, count);
    return Uint32Array.from({ length: count }, (_, i) => this.#words[2 * (offset + i)] as number);
  }

  /** Gives the memory back; the array stays. */
  close(): void {
    if (this.#isOpen) this.#mapping.unmap();
    this.#isOpen = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(offset: number, count: number): void {
    if (!this.#isOpen) throw new TypeError('The memory of an array was closed');
    if (offset < 0 || offset + count > this.#count)
      throw new RangeError(`Elements ${offset} to ${offset + count} must be of an array of ${this.#count}`);
  }
}
