/** Kinds of maps by the kernel's names, and their numbers. */
export const MAP_TYPES = {
  hash: 1,
  array: 2,
  prog_array: 3,
  perf_event_array: 4,
  percpu_hash: 5,
  percpu_array: 6,
  stack_trace: 7,
  cgroup_array: 8,
  lru_hash: 9,
  lru_percpu_hash: 10,
  lpm_trie: 11,
  array_of_maps: 12,
  hash_of_maps: 13,
  devmap: 14,
  sockmap: 15,
  cpumap: 16,
  xskmap: 17,
  sockhash: 18,
  reuseport_sockarray: 20,
  queue: 22,
  stack: 23,
  devmap_hash: 25,
  ringbuf: 27,
  bloom_filter: 30,
  user_ringbuf: 31,
  arena: 33,
} as const;

/** A kind of map. */
export type MapType = keyof typeof MAP_TYPES;

/** What can be asked of a map when it is made. */
export const MAP_FLAGS = {
  /** Elements of a hash get their memory when they are added. LPM tries must have it. */
  no_prealloc: 1,
  /** An LRU of its own for each CPU: faster, and less exact about what was used last. */
  no_common_lru: 2,
  /** User space may not write. */
  rdonly: 8,
  /** User space may not read. */
  wronly: 16,
  /** Programs may not write. */
  rdonly_prog: 128,
  /** Programs may not read. */
  wronly_prog: 256,
  /** User space can have an array in its memory. */
  mmapable: 1024,
  /** Memory is not counted by an inner array's size: arrays of other sizes may take its place. */
  inner_map: 4096,
} as const;

/** What can be asked of a map when it is made. */
export type MapFlag = keyof typeof MAP_FLAGS;

/** Whether a map has a value for each CPU. */
export function isPerCpu(type: MapType): boolean {
  return type === 'percpu_hash' || type === 'percpu_array' || type === 'lru_percpu_hash';
}
