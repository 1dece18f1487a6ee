import type { Backend, Frontend } from '../model/config.ts';
import { addressText, type Family } from './address.ts';
import { backendFlags, backendName, layouts } from './compile.ts';
import { FreshIds } from './fresh-ids.ts';
import { PROTOCOL } from './layouts.ts';
import { type EntryWrite, familyOfMap, isSameBytes, type WriteLog } from './writes.ts';

/** A backend, its name, and what makes its entry's value. */
export interface NamedBackend {
  readonly name: string;
  readonly backend: Backend;
  readonly encode: () => Uint8Array;
}

interface Known {
  readonly id: number;
  readonly family: Family;
  /** What its entry has beside what its name says. */
  nodeAddress: string | undefined;
  flags: number;
  /** The entry of one that was found in the maps, until it is used. Of others none is kept: it would be most of what there is. */
  found?: Uint8Array | undefined;
  users: number;
}

/**
 * The numbers of backends, which several frontends of a Service's port share, and their entries. A number that is given back counts until `settle`: a table
 * that is being replaced may still lead to it.
 */
export class BackendIds {
  readonly #ids: FreshIds;
  readonly #known = new Map<string, Known>();
  #released: number[] = [];

  constructor(capacity: number) {
    this.#ids = new FreshIds(capacity);
  }

  /** How many numbers are left. */
  get free(): number {
    return this.#ids.free;
  }

  /** Whether there are numbers left for those of the backends that are new. */
  hasRoomFor(backends: readonly Backend[], frontend: Frontend, service = -1): boolean {
    const { free } = this.#ids;
    if (backends.length <= free) return true;
    // frontends of one port have the same backends
    const added = new Set(backends.map((one) => backendName(one, frontend, service)));
    return [...added].filter((name) => !this.#known.has(name)).length <= free;
  }

  /** Counts one more user of a backend; its entry is written if it is new, or another than before. */
  use({ name, backend, encode }: NamedBackend, family: Family, log: WriteLog): number {
    const { nodeAddress } = backend;
    const flags = backendFlags(backend);
    const known = this.#known.get(name);
    if (known === undefined) {
      const made = { id: this.#ids.take(), family, nodeAddress, flags, users: 1 };
      this.#known.set(name, made);
      log.add({ map: `backends${family}`, key: idKey(made.id), value: encode() });
      return made.id;
    }
    if (known.found !== undefined || known.nodeAddress !== nodeAddress || known.flags !== flags) {
      const value = encode();
      const isThere = known.found !== undefined && isSameBytes(known.found, value);
      if (!isThere) log.add({ map: `backends${family}`, key: idKey(known.id), value });
    }
    known.found = undefined;
    known.nodeAddress = nodeAddress;
    known.flags = flags;
    known.users++;
    return known.id;
  }

  /** Counts one user less; the entry of a backend without users is removed. */
  leave(name: string, log: WriteLog): void {
    const known = this.#known.get(name);
    if (known === undefined || --known.users > 0) return;
    this.#known.delete(name);
    this.#released.push(known.id);
    log.remove({ map: `backends${known.family}`, key: idKey(known.id) });
  }

  /** Takes over a backend from the maps, with no users so far; entries of other maps are nothing to it. */
  adopt({ map, key, value }: EntryWrite): void {
    if (value === undefined || !map.startsWith('backends')) return;
    const family = familyOfMap(map);
    const { address, port, protocol, service } = layouts(family).backend.decode(value);
    const id = idOfKey(key);
    this.#ids.adopt(id);
    const of = { protocol: protocol === PROTOCOL.TCP ? 'TCP' : 'UDP' } as const;
    const name = backendName({ address: addressText(address), port }, of, service);
    this.#known.set(name, { id, family, nodeAddress: undefined, flags: 0, found: value, users: 0 });
  }

  /** Removes the entries of backends that have no users. */
  leaveUnused(log: WriteLog): void {
    for (const [name, { users }] of this.#known) if (users === 0) this.leave(name, log);
  }

  settle(): void {
    for (const id of this.#released) this.#ids.release(id);
    this.#released = [];
  }
}

/** The number that such a key is. */
export function idOfKey(key: Uint8Array): number {
  return new Uint32Array(key.slice().buffer)[0] as number;
}

/** The key of an entry by its number: four bytes in the machine's order. */
export function idKey(id: number): Uint8Array {
  const key = new Uint8Array(4);
  for (let i = 0; i < 4; i++) key[i] = id >>> (8 * i);
  return key;
}
