import type { Backend, Frontend } from '../model/config.ts';
import { addressText, familyOf } from './address.ts';
import type { BackendSet, KnownBackend } from './backend-set.ts';
import { backendFlags, backendName, backendValue, layouts } from './compile.ts';
import { FreshIds } from './fresh-ids.ts';
import { PROTOCOL } from './layouts.ts';
import { type EntryWrite, familyOfMap, isSameBytes, type MapName, type WriteLog } from './writes.ts';

/** A backend that was found in the maps. */
interface FoundBackend {
  readonly map: MapName;
  readonly id: number;
  readonly value: Uint8Array;
}

/** Whose backends are looked at: what they have by now, and the number that is the Service's port's, if there is one. */
export interface BackendOwner {
  readonly frontend: Pick<Frontend, 'protocol'>;
  readonly service: number;
  readonly before: BackendSet | undefined;
}

/**
 * The numbers of backends, and their entries. Each Service's port has backends of its own, which its frontends share. A number that is
 * given back counts until `settle`: a table that is being replaced may still lead to it.
 */
export class BackendIds {
  readonly #ids: FreshIds;
  /** Of an earlier process, with nobody's by now, by their names. */
  readonly #found = new Map<string, FoundBackend>();
  #released: number[] = [];

  constructor(capacity: number) {
    this.#ids = new FreshIds(capacity);
  }

  /** How many numbers are left. */
  get free(): number {
    return this.#ids.free;
  }

  /** Whether there are numbers left for those of the backends that are new. */
  hasRoomFor(backends: readonly Backend[], { frontend, service, before }: BackendOwner): boolean {
    const { free } = this.#ids;
    if (backends.length <= free) return true;
    const isNew = (one: Backend): boolean => before?.find(one, frontend.protocol) === undefined;
    // frontends of one port have the same backends
    const added = new Set(backends.filter(isNew).map((one) => backendName(one, frontend, service)));
    return [...added].filter((name) => !this.#found.has(name)).length <= free;
  }

  /** A backend with the number that it has already, or a new one; its entry is written if it is new, or another than before. */
  use(backend: Backend, { frontend, service, before }: BackendOwner, log: WriteLog): KnownBackend {
    const { address, port, nodeAddress } = backend;
    const flags = backendFlags(backend);
    const known = before?.find(backend, frontend.protocol);
    if (known?.nodeAddress === nodeAddress && known?.flags === flags) return known;
    const found = this.#claim(backend, frontend, service);
    const old = known?.id ?? found?.id;
    const id = old ?? this.#ids.take();
    const value = backendValue(backend, frontend, service);
    const entry = { map: `backends${familyOf(address)}` as const, key: idKey(id), value };
    if (old === undefined) log.addFresh(entry);
    else if (found === undefined || !isSameBytes(found.value, value)) log.add(entry);
    return { address, port, protocol: frontend.protocol, id, nodeAddress, flags };
  }

  /** Removes the entry of a backend that its Service's port has no more. */
  leave({ id, address }: KnownBackend, log: WriteLog): void {
    this.#remove(id, `backends${familyOf(address)}`, log);
  }

  /** Takes over a backend from the maps, which is nobody's so far; entries of other maps are nothing to it. */
  adopt({ map, key, value }: EntryWrite): void {
    if (value === undefined || !map.startsWith('backends')) return;
    const family = familyOfMap(map);
    const { address, port, protocol, service } = layouts(family).backend.decode(value);
    const id = idOfKey(key);
    this.#ids.adopt(id);
    const of = { protocol: protocol === PROTOCOL.TCP ? 'TCP' : 'UDP' } as const;
    this.#found.set(backendName({ address: addressText(address), port }, of, service), { map, id, value });
  }

  /** Removes the entries of backends that are nobody's. */
  leaveUnused(log: WriteLog): void {
    for (const { id, map } of this.#found.values()) this.#remove(id, map, log);
    this.#found.clear();
  }

  settle(): void {
    for (const id of this.#released) this.#ids.release(id);
    this.#released = [];
  }

  #claim(backend: Backend, frontend: Pick<Frontend, 'protocol'>, service: number): FoundBackend | undefined {
    if (this.#found.size === 0) return undefined;
    const name = backendName(backend, frontend, service);
    const found = this.#found.get(name);
    this.#found.delete(name);
    return found;
  }

  #remove(id: number, map: MapName, log: WriteLog): void {
    this.#released.push(id);
    log.remove({ map, key: idKey(id) });
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
