import type { EntryWrite, TableWrite, Writes } from '../maps/writes.ts';

/** A map that takes bytes, in the kernel or elsewhere. */
export interface ByteMap {
  setBytes(key: Uint8Array, value: Uint8Array): void;
  deleteBytes(key: Uint8Array): boolean;
}

/** Brings writes to maps, in their order. `mapOf` finds a map by its name. */
export function applyWrites({ added, tables, services, removed }: Writes, mapOf: (name: string) => ByteMap): void {
  for (const entry of added) applyEntry(entry, mapOf);
  for (const table of tables) applyTable(table, mapOf('table'));
  for (const entry of services) applyEntry(entry, mapOf);
  for (const entry of removed) applyEntry(entry, mapOf);
}

function applyEntry({ map, key, value }: EntryWrite, mapOf: (name: string) => ByteMap): void {
  if (value === undefined) mapOf(map).deleteBytes(key);
  else mapOf(map).setBytes(key, value);
}

function applyTable({ offset, values }: TableWrite, table: ByteMap): void {
  values.forEach((value, i) => table.setBytes(word(offset + i), word(value)));
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
