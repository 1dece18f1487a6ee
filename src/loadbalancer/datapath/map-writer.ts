import { kernel } from 'nekube/bpf';
import type { EntryWrite, TableWrite, Writes } from '../maps/writes.ts';

/** A map that takes bytes, in the kernel or elsewhere. */
export interface ByteMap {
  setBytes(key: Uint8Array, value: Uint8Array): void;
  deleteBytes(key: Uint8Array): boolean;
  /** Many elements at once; without it one after another. */
  setAllBytes?(entries: readonly (readonly [Uint8Array, Uint8Array])[]): void;
  /** Of an array of numbers: writes some, one behind the other; without it one after another. */
  setWords?(offset: number, values: Uint32Array): void;
}

/** Brings writes to maps, in their order. `mapOf` finds a map by its name. */
export function applyWrites({ added, tables, services, removed }: Writes, mapOf: (name: string) => ByteMap): void {
  applyEntries(added, mapOf);
  if (tables.length > 0) applyTables(tables, mapOf('table'));
  applyEntries(services, mapOf);
  applyEntries(removed, mapOf);
}

/** Entries that may be written in any order, of which none is written twice. */
function applyEntries(entries: readonly EntryWrite[], mapOf: (name: string) => ByteMap): void {
  for (const [name, { set, deleted }] of byMap(entries)) {
    const map = mapOf(name);
    // a map that is nearly full has room for the new ones then
    for (const key of deleted) map.deleteBytes(key);
    if (set.length > 0 && map.setAllBytes) map.setAllBytes(set);
    else for (const [key, value] of set) map.setBytes(key, value);
  }
}

interface OfMap {
  readonly set: [Uint8Array, Uint8Array][];
  readonly deleted: Uint8Array[];
}

function byMap(entries: readonly EntryWrite[]): ReadonlyMap<string, OfMap> {
  const found = new Map<string, OfMap>();
  for (const { map, key, value } of entries) {
    const of = found.get(map) ?? { set: [], deleted: [] };
    found.set(map, of);
    if (value === undefined) of.deleted.push(key);
    else of.set.push([key, value]);
  }
  return found;
}

function applyTables(tables: readonly TableWrite[], map: ByteMap): void {
  for (const { offset, values } of tables)
    if (map.setWords) map.setWords(offset, values);
    else values.forEach((value, i) => map.setBytes(word(offset + i), word(value)));
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** Below this a call for each is as fast as one for all. */
const FEW = 4;

/** A map of the kernel, written by few calls; `words` is the memory of an array that is written by none. */
export function kernelMap(map: kernel.KernelMap, words?: kernel.MappedArray): ByteMap {
  return {
    setBytes: (key, value) => map.setBytes(key, value),
    deleteBytes: (key) => map.deleteBytes(key),
    setAllBytes(entries): void {
      if (entries.length > FEW) kernel.setBatchBytes(map, entries);
      else for (const [key, value] of entries) map.setBytes(key, value);
    },
    ...(words && { setWords: (offset: number, values: Uint32Array) => words.write(offset, values) }),
  };
}
