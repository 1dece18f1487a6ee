/** The maps whose entries come and go with Services. Those of a family end in its number. */
export type MapName = `services${4 | 6}` | `backends${4 | 6}` | `target_ports${4 | 6}` | `source_ranges${4 | 6}`;

/** An entry that is written, or with no value removed; it may not be there, if it came and went since the last writes. */
export interface EntryWrite {
  readonly map: MapName;
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

/** Elements of the array `table` that are written, from an offset on. */
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

/** The text that stands for bytes as a key of a Map. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Collects writes; of several to one entry the last counts, whichever Services they are for. */
export class WriteLog {
  readonly #added = new Map<string, EntryWrite>();
  readonly #services = new Map<string, EntryWrite>();
  readonly #removed = new Map<string, EntryWrite>();
  readonly #tables: TableWrite[] = [];

  /** What services lead to. */
  add(entry: EntryWrite): void {
    const name = entryName(entry);
    this.#removed.delete(name);
    this.#added.set(name, entry);
  }

  remove({ map, key }: EntryWrite): void {
    const name = entryName({ map, key });
    this.#added.delete(name);
    this.#removed.set(name, { map, key });
  }

  service(entry: EntryWrite): void {
    this.#services.set(entryName(entry), entry);
  }

  table(write: TableWrite): void {
    this.#tables.push(write);
  }

  /** All that was collected. */
  get writes(): Writes {
    return {
      added: [...this.#added.values()],
      tables: this.#tables,
      services: [...this.#services.values()],
      removed: [...this.#removed.values()],
    };
  }
}

function entryName({ map, key }: EntryWrite): string {
  return `${map} ${textOf(key)}`;
}
