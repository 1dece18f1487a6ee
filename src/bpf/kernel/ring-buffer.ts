import { BpfError } from '../errors.ts';
import { Descriptor } from './descriptor.ts';
import type { KernelMap } from './map.ts';
import { errnoName, type Mapping, native } from './native.ts';

const PAGE_BYTES = 4096;
const HEADER_BYTES = 8;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
/** How long one wait is, so that a process that wants to end is not kept. */
const WAIT_MS = 500;

/** Reads what programs write into a ring buffer, through memory that is shared with the kernel. One reader a map. */
export class RingBufferReader {
  readonly #map: KernelMap;
  readonly #consumer: Mapping;
  readonly #producer: Mapping;
  readonly #epoll: Descriptor;
  #isWaiting = false;
  #isClosed = false;

  constructor(map: KernelMap) {
    this.#map = map;
    const refusal = (): BpfError => new BpfError(`read ring buffer "${map.spec.name}"`, errnoName(native().errno()));
    const consumer = native().mmap(PAGE_BYTES, true, map.fd, 0);
    if (consumer === undefined) throw refusal();
    // the data stand there twice, so that a record is never in two pieces
    const length = PAGE_BYTES + 2 * map.spec.maxEntries;
    const producer = native().mmap(length, false, map.fd, PAGE_BYTES);
    if (producer === undefined) {
      const error = refusal();
      consumer.unmap();
      throw error;
    }
    this.#consumer = consumer;
    this.#producer = producer;
    this.#epoll = new Descriptor(native().epollCreate(), 'epoll');
    native().epollAdd(this.#epoll.fd, map.fd);
  }

  /** The records that are there, oldest first; they are copies. */
  read(): Uint8Array[] {
    if (this.#isClosed) return [];
    const { bytes } = this.#producer;
    const consumed = new BigUint64Array(this.#consumer.bytes.buffer, 0, 1);
    const produced = Atomics.load(new BigUint64Array(bytes.buffer, 0, 1), 0);
    const words = new Uint32Array(bytes.buffer);
    const records: Uint8Array[] = [];
    let position = Atomics.load(consumed, 0);
    while (position < produced) {
      const at = PAGE_BYTES + Number(position % BigInt(this.#map.spec.maxEntries));
      // what is behind it is read after it, on every machine
      const header = Atomics.load(words, at / 4);
      if (header & BUSY) break; // it is being written; what is behind it waits
      const length = header & ~(BUSY | DISCARDED);
      if ((header & DISCARDED) === 0) records.push(bytes.slice(at + HEADER_BYTES, at + HEADER_BYTES + length));
      position += BigInt((length + HEADER_BYTES + 7) & ~7);
      Atomics.store(consumed, 0, position);
    }
    return records;
  }

  /** Records as they come, until the signal or `close`. */
  async *records(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    while (!this.#isClosed && !signal?.aborted) {
      yield* this.read();
      if (this.#isClosed || signal?.aborted) return;
      this.#isWaiting = true;
      await native().epollWait(this.#epoll.fd, WAIT_MS);
      this.#isWaiting = false;
      if (this.#isClosed) this.#release();
    }
  }

  /** Ends reading; memory and descriptor are given back at once, or when the wait that goes on is over. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isWaiting) this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #release(): void {
    this.#epoll.close();
    this.#consumer.unmap();
    this.#producer.unmap();
  }
}
