import { kernel } from 'nekube/bpf';
import { type EntryWrite, familyOfMap, type MapName, SERVICE_MAPS, type ServiceContents } from '../maps/writes.ts';
import { SHAPES } from './family.ts';
import { COUNTERS, type CounterName, Traffic } from './maps.ts';
import { REMEMBERING, type Remembered } from './remember.ts';

/** What has happened since the maps were made, of all CPUs together. */
export function readCounters(counters: kernel.KernelMap): Readonly<Record<CounterName, number>> {
  const values = COUNTERS.map((name, i) => {
    const all = (counters.getPerCpu(i) ?? []) as bigint[];
    return [name, Number(all.reduce((sum, one) => sum + one, 0n))] as const;
  });
  return Object.fromEntries(values) as Record<CounterName, number>;
}

/** What clients have sent to a frontend. */
export interface FrontendTraffic {
  readonly packets: number;
  readonly bytes: number;
}

/** What clients have sent to the frontend with that counter, of all CPUs together. */
export function readTraffic(traffic: kernel.KernelMap, counter: number): FrontendTraffic {
  const all = (traffic.getPerCpu(counter) ?? []) as { packets: bigint; bytes: bigint }[];
  return {
    packets: Number(all.reduce((sum, { packets }) => sum + packets, 0n)),
    bytes: Number(all.reduce((sum, { bytes }) => sum + bytes, 0n)),
  };
}

/** Counts a frontend from zero. */
export function resetTraffic(traffic: kernel.KernelMap, counter: number): void {
  traffic.set(counter, Traffic.decode(new Uint8Array(Traffic.size)));
}

/** How a map of what is remembered has done: flows, replies, ports, and the like. */
export interface MemoryUse {
  readonly name: string;
  /** Entries that it has got since it was made. */
  readonly added: number;
  /** Those for which the kernel had no place. */
  readonly refused: number;
  /** Those that gave way to others, since the map was full: what had not been used for the longest time. Not known of maps of sockets. */
  readonly evicted?: number;
}

/** Entries that a CPU keeps for itself, free or not yet. */
const CPU_SHARE = 128;

/**
 * How maps of what is remembered have done. The kernel does not tell which entries it lets go: they are what was
 * added, and is neither there nor was removed. Entries are counted where some may have gone, since nearly all places were given, by some
 * milliseconds for a hundred thousand.
 */
export function readMemoryUse(
  remembered: kernel.KernelMap,
  mapOf: (name: string) => kernel.KernelMap | undefined,
): readonly MemoryUse[] {
  return REMEMBERING.map((name, i) => {
    const map = mapOf(name);
    const all = (remembered.getPerCpu(i) ?? []) as Record<keyof typeof Remembered.at, bigint>[];
    const sum = (of: keyof typeof Remembered.at) => Number(all.reduce((total, one) => total + one[of], 0n));
    const [added, left] = [sum('added'), sum('added') - sum('removed')];
    const use = { name, added, refused: sum('refused') };
    if (map === undefined) return use;
    const hasRoom = left <= map.spec.maxEntries - CPU_SHARE * kernel.possibleCpus();
    return { ...use, evicted: hasRoom ? 0 : Math.max(0, left - entriesOf(map)) };
  });
}

function entriesOf(map: kernel.KernelMap): number {
  let entries = 0;
  for (const { count } of kernel.allBytes(map)) entries += count;
  return entries;
}

/** All that the maps of Services hold, or without the array of tables. `mapOf` finds a map by its name. */
export function readContents(
  mapOf: (name: string) => kernel.KernelMap,
  { withTable }: { readonly withTable: boolean },
): ServiceContents {
  const entries = SERVICE_MAPS.flatMap((name) => readEntries(name, mapOf(name)));
  if (!withTable) return { entries, table: new Uint32Array() };
  return { entries, table: readTable(mapOf('table'), usedSlots(entries)) };
}

function readEntries(name: MapName, map: kernel.KernelMap): EntryWrite[] {
  const [keySize, valueSize] = [map.spec.key.size, map.spec.value.size];
  return [...kernel.allBytes(map)].flatMap(({ keys, values, count }) =>
    Array.from({ length: count }, (_, i) => ({
      map: name,
      key: keys.slice(i * keySize, (i + 1) * keySize),
      value: values.slice(i * valueSize, (i + 1) * valueSize),
    })),
  );
}

/** Behind the last slot that a frontend has: of a large array that is mostly the beginning. */
function usedSlots(entries: readonly EntryWrite[]): number {
  const ends = entries
    .filter(({ map }) => map.startsWith('services'))
    .map(({ map, value }) => {
      const { tableOffset, tableSize } = SHAPES[familyOfMap(map)].layouts.service.decode(value as Uint8Array);
      return tableOffset + tableSize;
    });
  return ends.reduce((most, end) => Math.max(most, end), 0);
}

function readTable(table: kernel.KernelMap, slots: number): Uint32Array {
  const all = new Uint32Array(slots);
  let at = 0;
  for (const { values, count } of kernel.allBytes(table)) {
    if (at >= slots) break;
    all.set(new Uint32Array(values.slice(0, 4 * Math.min(count, slots - at)).buffer), at);
    at += count;
  }
  return all;
}
