import type { UpdateMode } from '../../spec/map-store.ts';
import { MemoryMap, type Refusal } from './memory-map.ts';

/** Ring buffers, queues and stacks: values one behind the other. */
export class SequenceMemory<K, V> extends MemoryMap<K, V> {
  #values: Uint8Array[] = [];
  #bytes = 0;

  /** Adds a value; of a ring buffer as long as its bytes suffice, with eight for each record. */
  push(value: Uint8Array, isForced = false): Refusal {
    const { type, maxEntries } = this.spec;
    if (type === 'ringbuf') {
      if (!this.claim(value.length)) return 'EAGAIN';
    } else if (this.#values.length >= maxEntries) {
      if (!isForced) return 'E2BIG';
      this.#values.shift();
    }
    this.#values.push(value.slice());
    return undefined;
  }

  /** Takes the room of a record of a ring buffer that is written later; false if there is none. */
  claim(length: number): boolean {
    if (this.#bytes + recordBytes(length) > this.spec.maxEntries) return false;
    this.#bytes += recordBytes(length);
    return true;
  }

  /** Adds a record whose room was claimed. */
  submit(value: Uint8Array): void {
    this.#values.push(value.slice());
  }

  /** Takes the oldest value of a queue, or the newest of a stack. */
  take(isLeft = false): Uint8Array | undefined {
    const at = this.spec.type === 'stack' ? this.#values.length - 1 : 0;
    return isLeft ? this.#values[at] : this.#values.splice(at, 1)[0];
  }

  /** All records of a ring buffer, which is empty then. */
  drain(): Uint8Array[] {
    const drained = this.#values;
    this.#values = [];
    this.#bytes = 0;
    return drained;
  }

  lookup(_key: Uint8Array): Uint8Array | undefined {
    return undefined;
  }

  update(_key: Uint8Array, value: Uint8Array, _mode: UpdateMode): Refusal {
    return this.push(value);
  }

  remove(_key: Uint8Array): Refusal {
    return 'EINVAL';
  }

  *list(): Generator<readonly [Uint8Array, Uint8Array]> {
    for (const value of this.#values) yield [new Uint8Array(0), value];
  }
}

const recordBytes = (length: number): number => (length + 15) & ~7;
