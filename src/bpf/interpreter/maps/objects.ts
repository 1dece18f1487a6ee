import type { ProgramSpec } from '../../spec/program-spec.ts';
import type { UpdateMode } from '../../spec/map-store.ts';
import { MemoryMap, type Refusal } from './memory-map.ts';

/** Maps whose elements are no bytes: other maps, programs, devices. */
export class ObjectMemory<K, V> extends MemoryMap<K, V> {
  readonly #objects = new Map<string, MemoryMap | ProgramSpec | number>();

  /** Puts an object there; undefined takes it away. A number is a device's. */
  put(key: K, object: MemoryMap | ProgramSpec | number | undefined): void {
    const bytes = new Uint8Array(this.spec.key.size);
    this.spec.key.write(new DataView(bytes.buffer), 0, key);
    if (object === undefined) this.#objects.delete(textOf(bytes));
    else this.#objects.set(textOf(bytes), object);
  }

  /** What is there. */
  object(key: Uint8Array): MemoryMap | ProgramSpec | number | undefined {
    return this.#objects.get(textOf(key));
  }

  lookup(_key: Uint8Array): Uint8Array | undefined {
    return undefined;
  }

  update(_key: Uint8Array, _value: Uint8Array, _mode: UpdateMode): Refusal {
    return 'EINVAL';
  }

  remove(key: Uint8Array): Refusal {
    return this.#objects.delete(textOf(key)) ? undefined : 'ENOENT';
  }

  *list(): Generator<readonly [Uint8Array, Uint8Array]> {
    // objects have no bytes to show
  }
}

const textOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
