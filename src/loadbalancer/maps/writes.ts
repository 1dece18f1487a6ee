import type { Family } from './address.ts';

/** The maps whose entries come and go with Services. Those of a family end in its number. */
export type MapName =
  | `services${4 | 6}`
  | `addresses${4 | 6}`
  | `backends${4 | 6}`
  | `target_ports${4 | 6}`
  | `source_ranges${4 | 6}`;

/** The family of a map of Services, which its name ends in. */
export function familyOfMap(name: MapName): Family {
  return name.endsWith('4') ? 4 : 6;
}

/** The names of those maps. */
export const SERVICE_MAPS: readonly MapName[] = [
  ...(['services4', 'services6', 'addresses4', 'addresses6', 'backends4', 'backends6'] as const),
  ...(['target_ports4', 'target_ports6', 'source_ranges4', 'source_ranges6'] as const),
];

/** All that the maps of Services hold, as an earlier process has left it. */
export interface ServiceContents {
  readonly entries: readonly EntryWrite[];
  readonly table: Uint32Array;
}

/** An entry that is written, or with no value removed; it may not be there, if it came and went since the last writes. */
export interface EntryWrite {
  readonly map: MapName;
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

/** Elements of the array `table` that are written, from an offset on. The values are good until the maps are told that all is written. */
export interface TableWrite {
  readonly offset: number;
  readonly values: Uint32Array;
}

/**
 * Writes in an order in which no packet finds a service whose backends are not there: first what services lead to, then services,
 * then what nothing leads to any more is removed.
 */
export interface Writes {
  readonly added: readonly EntryWrite[];
  readonly tables: readonly TableWrite[];
  readonly services: readonly EntryWrite[];
  readonly removed: readonly EntryWrite[];
}

/** The text that stands for bytes as a key of a Map. They are few: a decoder would take longer. */
export function textOf(bytes: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, bytes) as string;
}

/** Whether both are the same bytes. */
export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Collects writes; of several to one entry the last counts, whichever Services they are for. */
export class WriteLog {
  /** Of keys that were never written before: nothing has to find them again. */
  readonly #fresh: EntryWrite[] = [];
  readonly #added = new Entries();
  readonly #services = new Entries();
  readonly #removed = new Entries();
  readonly #tables: TableWrite[] = [];

  /** What services lead to. */
  add(entry: EntryWrite): void {
    this.#added.set(entry);
    this.#removed.delete(entry);
  }

  /** What services lead to, with a key that no entry has had: of many Services it is most of what is written. */
  addFresh(entry: EntryWrite): void {
    this.#fresh.push(entry);
  }

  remove({ map, key }: EntryWrite): void {
    this.#removed.set({ map, key });
    this.#added.delete({ map, key });
  }

  service(entry: EntryWrite): void {
    this.#services.set(entry);
  }

  table(write: TableWrite): void {
    this.#tables.push(write);
  }

  /** All that was collected. */
  get writes(): Writes {
    return {
      added: [...this.#fresh, ...this.#added.list()],
      tables: this.#tables,
      services: this.#services.list(),
      removed: this.#removed.list(),
    };
  }
}

/** One of each map and key, in the order in which they came. */
class Entries {
  readonly #byMap = new Map<MapName, Map<string, EntryWrite>>();

  set(entry: EntryWrite): void {
    let of = this.#byMap.get(entry.map);
    if (of === undefined) this.#byMap.set(entry.map, (of = new Map()));
    of.set(textOf(entry.key), entry);
  }

  delete({ map, key }: EntryWrite): void {
    const of = this.#byMap.get(map);
    if (of !== undefined && of.size > 0) of.delete(textOf(key));
  }

  list(): EntryWrite[] {
    return [...this.#byMap.values()].flatMap((entries) => [...entries.values()]);
  }
}
