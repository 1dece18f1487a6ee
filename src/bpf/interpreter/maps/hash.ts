import type { UpdateMode } from '../../spec/map-store.ts';
import { MemoryMap, type Refusal, refusalOf } from './memory-map.ts';

interface Element {
  readonly key: Uint8Array;
  value: Uint8Array;
}

const textOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

/** Hashes, with or without eviction of what was not used for longest. The kernel's LRU is less exact. */
export class HashMemory<K, V> extends MemoryMap<K, V> {
  readonly #elements = new Map<string, Element>();

  lookup(key: Uint8Array): Uint8Array | undefined {
    const text = textOf(key);
    const element = this.#elements.get(text);
    if (element && this.#isLru) this.#touch(text, element);
    return element?.value;
  }

  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode): Refusal {
    const text = textOf(key);
    const old = this.#elements.get(text);
    const refusal = refusalOf(mode, old !== undefined);
    if (refusal) return refusal;
    if (!old && this.#elements.size >= this.spec.maxEntries) {
      if (!this.#isLru) return 'E2BIG';
      this.#elements.delete(this.#elements.keys().next().value!);
    }
    // a new element, also instead of an old one: who has the old value's address, does not see the new
    this.#elements.delete(text);
    this.#elements.set(text, { key: key.slice(), value: value.slice() });
    return undefined;
  }

  remove(key: Uint8Array): Refusal {
    return this.#elements.delete(textOf(key)) ? undefined : 'ENOENT';
  }

  *list(): Generator<readonly [Uint8Array, Uint8Array]> {
    for (const { key, value } of this.#elements.values()) yield [key, value];
  }

  get #isLru(): boolean {
    return this.spec.type.startsWith('lru');
  }

  #touch(text: string, element: Element): void {
    this.#elements.delete(text);
    this.#elements.set(text, element);
  }
}
