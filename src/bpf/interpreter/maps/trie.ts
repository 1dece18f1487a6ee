import type { UpdateMode } from '../../spec/map-store.ts';
import { indexOf } from './array.ts';
import { MemoryMap, type Refusal, refusalOf } from './memory-map.ts';

interface Prefix {
  readonly key: Uint8Array;
  readonly length: number;
  value: Uint8Array;
}

/** Longest prefixes: a key is a length in bits, then the bits in the network's order. Looked through one by one. */
export class TrieMemory<K, V> extends MemoryMap<K, V> {
  readonly #prefixes = new Map<string, Prefix>();

  lookup(key: Uint8Array): Uint8Array | undefined {
    const bits = indexOf(key);
    const matching = [...this.#prefixes.values()].filter(
      (prefix) => prefix.length <= bits && matches(prefix.key, key, prefix.length),
    );
    return matching.reduce<Prefix | undefined>(
      (best, one) => (best && best.length > one.length ? best : one),
      undefined,
    )?.value;
  }

  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode): Refusal {
    const length = indexOf(key);
    if (length > (key.length - 4) * 8) return 'EINVAL';
    const text = textOf(key, length);
    const refusal = refusalOf(mode, this.#prefixes.has(text));
    if (refusal) return refusal;
    if (!this.#prefixes.has(text) && this.#prefixes.size >= this.spec.maxEntries) return 'E2BIG';
    this.#prefixes.set(text, { key: key.slice(), length, value: value.slice() });
    return undefined;
  }

  remove(key: Uint8Array): Refusal {
    const length = indexOf(key);
    if (length > (key.length - 4) * 8) return 'EINVAL';
    return this.#prefixes.delete(textOf(key, length)) ? undefined : 'ENOENT';
  }

  *list(): Generator<readonly [Uint8Array, Uint8Array]> {
    for (const { key, value } of this.#prefixes.values()) yield [key, value];
  }
}

const bitAt = (key: Uint8Array, bit: number): number => (key[4 + (bit >> 3)]! >> (7 - (bit & 7))) & 1;

function matches(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let bit = 0; bit < length; bit++) if (bitAt(a, bit) !== bitAt(b, bit)) return false;
  return true;
}

/** A prefix without the bits behind it, which do not count. */
function textOf(key: Uint8Array, length: number): string {
  return `${length}:${Array.from({ length }, (_, bit) => bitAt(key, bit)).join('')}`;
}
