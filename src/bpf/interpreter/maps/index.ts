import { NotSupportedError } from '../../errors.ts';
import type { MapSpec } from '../../spec/map-spec.ts';
import type { MapType } from '../../spec/map-types.ts';
import { ArrayMemory } from './array.ts';
import { HashMemory } from './hash.ts';
import type { MemoryMap } from './memory-map.ts';
import { ObjectMemory } from './objects.ts';
import { SequenceMemory } from './sequence.ts';
import { TrieMemory } from './trie.ts';

type Make = new <K, V>(spec: MapSpec<K, V>) => MemoryMap<K, V>;

const KINDS: Partial<Readonly<Record<MapType, Make>>> = {
  hash: HashMemory,
  lru_hash: HashMemory,
  percpu_hash: HashMemory,
  lru_percpu_hash: HashMemory,
  array: ArrayMemory,
  percpu_array: ArrayMemory,
  lpm_trie: TrieMemory,
  array_of_maps: ObjectMemory,
  hash_of_maps: ObjectMemory,
  prog_array: ObjectMemory,
  devmap: ObjectMemory,
  devmap_hash: ObjectMemory,
  cpumap: ObjectMemory,
  xskmap: ObjectMemory,
  ringbuf: SequenceMemory,
  queue: SequenceMemory,
  stack: SequenceMemory,
};

/**
 * A map of the interpreter.
 *
 * @throws NotSupportedError the interpreter has no maps of that kind.
 */
export function memoryMap<K, V>(spec: MapSpec<K, V>): MemoryMap<K, V> {
  const Kind = KINDS[spec.type];
  if (Kind === undefined) throw new NotSupportedError(`map type ${spec.type}`, 'the interpreter has none of that kind');
  return new Kind(spec);
}
