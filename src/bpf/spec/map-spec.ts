import type { Layout } from '../layout/scalar.ts';
import { u32 } from '../layout/scalar.ts';
import { bytes } from '../layout/sequence.ts';
import type { MapFlag, MapType } from './map-types.ts';

/** A map that is not made yet: what the kernel, or the memory of an interpreter, needs to make it. */
export interface MapSpec<K = unknown, V = unknown> {
  /** At most 15 letters, digits, underscores and dots; programs refer to it by this. */
  readonly name: string;
  readonly type: MapType;
  /** Of size 0 for kinds without keys. */
  readonly key: Layout<K>;
  /** Of size 0 for kinds without values. */
  readonly value: Layout<V>;
  /** How many elements there may be; for ring buffers their bytes, a power of two and of whole pages. */
  readonly maxEntries: number;
  readonly flags: readonly MapFlag[];
  /** The model of the maps within, for maps of maps. */
  readonly inner?: MapSpec;
}

/** What a map is made of. Flags are none by default, keys of arrays and the like `u32`. */
export interface MapOptions<K, V> {
  readonly name: string;
  readonly type: MapType;
  readonly key?: Layout<K>;
  readonly value?: Layout<V>;
  readonly maxEntries: number;
  readonly flags?: readonly MapFlag[];
  readonly inner?: MapSpec;
}

const NOTHING = bytes(0);
/** Kinds whose keys are numbers from 0, or that are no tables at all. */
const INDEXED: readonly MapType[] = [
  'array',
  'percpu_array',
  'prog_array',
  'array_of_maps',
  'devmap',
  'devmap_hash',
  'cpumap',
  'xskmap',
  'sockmap',
  'reuseport_sockarray',
  'perf_event_array',
  'cgroup_array',
];
const KEYLESS: readonly MapType[] = ['ringbuf', 'user_ringbuf', 'queue', 'stack', 'bloom_filter', 'arena'];
const VALUELESS: readonly MapType[] = ['ringbuf', 'user_ringbuf', 'arena'];

/**
 * A spec of a map.
 *
 * @throws TypeError or RangeError what the kernel would refuse with no more than EINVAL.
 */
export function mapSpec<K = number, V = number>(options: MapOptions<K, V>): MapSpec<K, V> {
  const { name, type, maxEntries, flags = [], inner } = options;
  const refuse = (reason: string): never => {
    throw new TypeError(`Map ${name} ${reason}`);
  };
  if (!/^[A-Za-z0-9_.]{1,15}$/.test(name)) refuse('must be named by 1 to 15 letters, digits, underscores and dots');
  const isNested = type === 'array_of_maps' || type === 'hash_of_maps';
  if (isNested !== (inner !== undefined)) refuse(isNested ? 'must say which maps it holds' : 'can hold no maps');
  if (type === 'lpm_trie' && !flags.includes('no_prealloc'))
    refuse('must have the flag no_prealloc: it is an lpm_trie');
  const key = KEYLESS.includes(type) ? NOTHING : (options.key ?? (INDEXED.includes(type) ? u32 : undefined));
  const value = VALUELESS.includes(type) ? NOTHING : (options.value ?? u32);
  if (key === undefined) return refuse('must have a key');
  if (INDEXED.includes(type) && key.size !== 4) refuse(`must have keys of 4 bytes, as every ${type}`);
  if (type.endsWith('ringbuf') && (maxEntries < 4096 || (maxEntries & (maxEntries - 1)) !== 0))
    refuse('must have a power of two of bytes, 4096 or more');
  if (type !== 'arena' && !(maxEntries > 0)) refuse('must have room for entries');
  return Object.freeze({
    name,
    type,
    key: key as Layout<K>,
    value: value as Layout<V>,
    maxEntries,
    flags,
    ...(inner && { inner }),
  });
}
