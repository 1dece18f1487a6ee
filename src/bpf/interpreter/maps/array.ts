import type { MapSpec } from '../../spec/map-spec.ts';
import type { UpdateMode } from '../../spec/map-store.ts';
import { MemoryMap, type Refusal } from './memory-map.ts';

/** Arrays: all elements are there from the start, as zeros. */
export class ArrayMemory<K, V> extends MemoryMap<K, V> {
  readonly #bytes: Uint8Array;
  /** One object an element, so that its address is always the same. */
  readonly #values: (Uint8Array | undefined)[] = [];

  constructor(spec: MapSpec<K, V>) {
    super(spec);
    this.#bytes = new Uint8Array(spec.maxEntries * spec.value.size);
  }

  lookup(key: Uint8Array): Uint8Array | undefined {
    const index = indexOf(key);
    return index < this.spec.maxEntries ? this.#value(index) : undefined;
  }

  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode): Refusal {
    const index = indexOf(key);
    if (index >= this.spec.maxEntries) return 'E2BIG';
    if (mode === 'add') return 'EEXIST';
    this.#value(index).set(value);
    return undefined;
  }

  remove(_key: Uint8Array): Refusal {
    return 'EINVAL';
  }

  *list(): Generator<readonly [Uint8Array, Uint8Array]> {
    for (let i = 0; i < this.spec.maxEntries; i++) yield [new Uint8Array(Uint32Array.of(i).buffer), this.#value(i)];
  }

  #value(index: number): Uint8Array {
    const { size } = this.spec.value;
    this.#values[index] ??= this.#bytes.subarray(index * size, (index + 1) * size);
    return this.#values[index]!;
  }
}

/** The number that a key of four bytes is. */
export function indexOf(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, 4).getUint32(0, true);
}
