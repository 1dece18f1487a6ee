import { BpfError } from '../../errors.ts';
import type { MapSpec } from '../../spec/map-spec.ts';
import type { MapStore, UpdateMode } from '../../spec/map-store.ts';
import type { Errno } from '../errno.ts';

/** What a map answers to a write: nothing, or why not. */
export type Refusal = Errno | undefined;

/**
 * A map in the memory of an interpreter. Programs see the bytes that are stored, user space values of the layouts, as with
 * `KernelMap`; a per-CPU map has one CPU.
 */
export abstract class MemoryMap<K = unknown, V = unknown> implements MapStore<K, V> {
  readonly spec: MapSpec<K, V>;

  constructor(spec: MapSpec<K, V>) {
    this.spec = spec;
  }

  /** The stored value itself: what is written to it, is in the map. */
  abstract lookup(key: Uint8Array): Uint8Array | undefined;
  abstract update(key: Uint8Array, value: Uint8Array, mode: UpdateMode): Refusal;
  abstract remove(key: Uint8Array): Refusal;
  /** Keys and values as they are stored. */
  abstract list(): Iterable<readonly [Uint8Array, Uint8Array]>;

  get(key: K): V | undefined {
    const bytes = this.lookup(this.#key(key));
    return bytes && this.#value(bytes);
  }

  set(key: K, value: V, mode: UpdateMode = 'any'): void {
    const bytes = new Uint8Array(this.spec.value.size);
    this.spec.value.write(new DataView(bytes.buffer), 0, value);
    const refusal = this.update(this.#key(key), bytes, mode);
    if (refusal) throw new BpfError(`write map "${this.spec.name}"`, refusal);
  }

  delete(key: K): boolean {
    const refusal = this.remove(this.#key(key));
    if (refusal && refusal !== 'ENOENT') throw new BpfError(`delete from map "${this.spec.name}"`, refusal);
    return refusal === undefined;
  }

  *entries(): Generator<[K, V]> {
    for (const [key, value] of [...this.list()]) {
      const view = new DataView(key.buffer, key.byteOffset, key.length);
      yield [this.spec.key.read(view, 0), this.#value(value)];
    }
  }

  #key(key: K): Uint8Array {
    const bytes = new Uint8Array(this.spec.key.size);
    this.spec.key.write(new DataView(bytes.buffer), 0, key);
    return bytes;
  }

  #value(bytes: Uint8Array): V {
    return this.spec.value.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  }
}

/** Why a mode does not allow a write. */
export function refusalOf(mode: UpdateMode, isThere: boolean): Refusal {
  if (mode === 'add' && isThere) return 'EEXIST';
  return mode === 'change' && !isThere ? 'ENOENT' : undefined;
}
