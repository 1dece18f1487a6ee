import { layouts } from './compile.ts';
import type { Region } from './slab.ts';
import { type EntryWrite, familyOfMap, type MapName, type ServiceContents, textOf } from './writes.ts';

/** A frontend's entry as it was found. */
interface FoundService {
  readonly entry: EntryWrite;
  readonly id: number;
  readonly counter: number;
  readonly region: Region;
}

/** What the maps of Services hold from an earlier process, less what Services of now have claimed of it. */
export class Adopted {
  readonly #services = new Map<string, FoundService>();
  readonly #others = new Map<string, EntryWrite>();
  /** How many of `#others` are of each map. */
  readonly #counts = new Map<MapName, number>();
  /** By their offsets. */
  readonly #regions = new Map<number, Region>();
  readonly #table: Uint32Array;

  constructor({ entries, table }: ServiceContents) {
    this.#table = table;
    for (const entry of entries)
      if (isService(entry)) this.#add(entry);
      else if (!entry.map.startsWith('backends')) {
        this.#others.set(nameOf(entry), entry);
        this.#count(entry, 1);
      }
  }

  /** The entries of frontends that nobody has claimed, by their keys. */
  get services(): ReadonlyMap<string, FoundService> {
    return this.#services;
  }

  /** Target ports and source ranges that nobody has claimed. */
  get others(): Iterable<EntryWrite> {
    return this.#others.values();
  }

  /** How many entries nobody has claimed, of a map beside, or of frontends. */
  unclaimed(map?: MapName): number {
    return map === undefined ? this.#services.size : (this.#counts.get(map) ?? 0);
  }

  /** How many of these entries there are that nobody has claimed. */
  found(entries: readonly EntryWrite[]): number {
    const names = entries.map((entry) =>
      isService(entry) ? this.#services.has(textOf(entry.key)) : this.#others.has(nameOf(entry)),
    );
    return names.filter((is) => is).length;
  }

  /** Parts of the array of tables that nobody has claimed. */
  get regions(): Iterable<Region> {
    return this.#regions.values();
  }

  /** Gives an entry to its Service; whether it is there as it should be. */
  claim(entry: EntryWrite): boolean {
    const found = isService(entry) ? this.#services.get(textOf(entry.key))?.entry : this.#others.get(nameOf(entry));
    if (isService(entry)) this.#services.delete(textOf(entry.key));
    else if (this.#others.delete(nameOf(entry))) this.#count(entry, -1);
    return found?.value !== undefined && entry.value !== undefined && textOf(found.value) === textOf(entry.value);
  }

  /** Gives the table that a frontend had to its Service, if it is this one. */
  claimTable(key: string, values: Uint32Array): Region | undefined {
    const region = this.#services.get(key)?.region;
    if (region === undefined || region.size !== values.length || !this.#regions.has(region.offset)) return undefined;
    for (let slot = 0; slot < values.length; slot++)
      if (this.#table[region.offset + slot] !== values[slot]) return undefined;
    this.#regions.delete(region.offset);
    return region;
  }

  #count({ map }: EntryWrite, by: 1 | -1): void {
    this.#counts.set(map, (this.#counts.get(map) ?? 0) + by);
  }

  #add(entry: EntryWrite): void {
    const { id, counter, tableOffset, tableSize } = layouts(familyOfMap(entry.map)).service.decode(
      entry.value as Uint8Array,
    );
    const region = this.#regions.get(tableOffset) ?? { offset: tableOffset, size: tableSize };
    if (tableSize > 0) this.#regions.set(tableOffset, region);
    this.#services.set(textOf(entry.key), { entry, id, counter, region });
  }
}

function isService({ map }: EntryWrite): boolean {
  return map.startsWith('services');
}

function nameOf({ map, key }: EntryWrite): string {
  return `${map} ${textOf(key)}`;
}
