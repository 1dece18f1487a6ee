import type { Frontend } from '../model/config.ts';
import { addressBytes, type Family, familyOf, placeText } from './address.ts';
import { BackendIds } from './backend-ids.ts';
import { BackendSet } from './backend-set.ts';
import { backendsOf, layouts, sourceRangesOf, type TableOptions, targetPortsOf } from './compile.ts';
import { Adopted } from './adopted.ts';
import { Counters } from './counters.ts';
import { FreshIds } from './fresh-ids.ts';
import { FrontendAddresses } from './frontend-addresses.ts';
import { ALGORITHM, MODE, PROTOCOL, SCOPE, SERVICE_FLAG } from './layouts.ts';
import type { Region } from './slab.ts';
import { type Table, type TableOwner, Tables, type TableSet } from './tables.ts';
import {
  type EntryWrite,
  isSameBytes,
  type MapName,
  type ServiceContents,
  textOf,
  WriteLog,
  type Writes,
} from './writes.ts';

/** How much the maps hold. */
export interface Capacities {
  /** Frontends. A Service's port has one for each address. */
  readonly services: number;
  readonly backends: number;
  /** Slots of all tables together. */
  readonly table: number;
}

/** What maps hold by default. The array of tables takes eight bytes a slot, 64 MiB; all else only what is used. */
export const DEFAULT_CAPACITIES: Capacities = { services: 65_536, backends: 262_144, table: 8_388_608 };

/** What a Service's port has in the maps. */
interface Installed {
  readonly id: number;
  readonly services: ReadonlyMap<string, EntryWrite>;
  /** Target ports and source ranges. */
  readonly others: ReadonlyMap<string, EntryWrite>;
  readonly backends: BackendSet;
  /** By what they were made of. */
  readonly tables: TableSet;
}

const NO_OTHERS: Installed['others'] = new Map();
const NOTHING = { services: new Map(), others: new Map() } as const;

/**
 * What the maps of Services hold, and which writes bring them from one state to the next. It touches no map itself.
 *
 * A Service that has no room leaves what it had before, and all others, as they are.
 */
export class ServiceMaps {
  readonly #capacities: Capacities;
  readonly #tables: Tables;
  readonly #installed = new Map<string, Installed>();
  /** Whose an entry of `services` is, by its key. */
  readonly #owners = new Map<string, string>();
  /** Those that want an entry that is another's. */
  readonly #waiting = new Map<string, readonly Frontend[]>();
  readonly #ids: FreshIds;
  /** Where each frontend is counted, by its key. */
  readonly #counters: Counters;
  readonly #backends: BackendIds;
  readonly #addresses = new FrontendAddresses();
  /** Whose a Service's number is that was found in the maps. */
  readonly #idOwners = new Map<number, string>();
  /** How many entries of target ports and source ranges there are. */
  readonly #counts = new Map<MapName, number>();
  /** Those that were given what they waited for since the last `takeCalled`. */
  readonly #called = new Set<string>();
  /** Which map has no room for a Service's port. */
  readonly #lacking = new Map<string, string>();
  readonly #overflows = new Map<string, number>();
  /** How much of each map was in use when `takeRoom` was called. */
  #inUse: readonly number[] = [];
  #adopted: Adopted | undefined;
  #log = new WriteLog();

  constructor({
    capacities = DEFAULT_CAPACITIES,
    tables = {},
    contents,
  }: { capacities?: Capacities; tables?: TableOptions; contents?: ServiceContents } = {}) {
    this.#capacities = capacities;
    this.#ids = new FreshIds(capacities.services);
    this.#counters = new Counters(capacities.services);
    this.#backends = new BackendIds(capacities.backends);
    this.#adopted = contents && new Adopted(contents);
    this.#tables = new Tables(capacities.table, tables, [...(this.#adopted?.regions ?? [])]);
    if (contents !== undefined) this.#adopt(contents);
  }

  /**
   * The writes since the last call. When they are done, `settle` must be called before the next `set`; the values of tables are good
   * until then.
   */
  takeWrites(): Writes {
    const { writes } = this.#log;
    this.#log = new WriteLog();
    return writes;
  }

  /**
   * Ends a takeover: what the maps hold from an earlier process, and no Service has now, is removed. To be called when all Services are
   * set.
   *
   * @returns whether there was one
   */
  endAdoption(): boolean {
    const adopted = this.#adopted;
    this.#adopted = undefined;
    if (adopted === undefined) return false;
    for (const [key, { entry, id }] of adopted.services) {
      this.#log.service({ map: entry.map, key: entry.key });
      this.#counters.release(key);
      if (!this.#idOwners.has(id)) this.#ids.release(id);
    }
    for (const entry of adopted.others) this.#log.remove(entry);
    for (const region of adopted.regions) this.#tables.release(region);
    this.#backends.leaveUnused(this.#log);
    this.#idOwners.clear();
    return true;
  }

  #adopt({ entries }: ServiceContents): void {
    for (const entry of entries) this.#backends.adopt(entry);
    for (const [key, { id, counter }] of this.#adopted?.services ?? []) {
      this.#ids.adopt(id);
      this.#counters.adopt(key, counter);
    }
  }

  /** The number that a Service's port has in the maps of an earlier process, unless it is another's by now. */
  #adoptedId(name: string, frontends: readonly Frontend[]): number | undefined {
    for (const frontend of frontends)
      for (const [scope] of scopesOf(frontend)) {
        const id = this.#adopted?.services.get(textOf(serviceKey(frontend, scope)))?.id;
        if (id === undefined || (this.#idOwners.get(id) ?? name) !== name) continue;
        this.#idOwners.set(id, name);
        return id;
      }
    return undefined;
  }

  /** What was given back may be used again, and so may the memory of what was written. */
  settle(): void {
    this.#tables.settle();
    this.#backends.settle();
  }

  /**
   * Brings a Service's port to these frontends, of one protocol; none removes it.
   *
   * @returns what of it cannot be served, a sentence each
   */
  set(name: string, frontends: readonly Frontend[]): readonly string[] {
    const lacked = this.#lacking.get(name);
    this.#lacking.delete(name);
    const problems = this.#bring(name, frontends);
    const lacks = this.#lacking.get(name);
    if (lacks !== undefined && lacks !== lacked) this.#overflows.set(lacks, (this.#overflows.get(lacks) ?? 0) + 1);
    return problems;
  }

  #bring(name: string, frontends: readonly Frontend[]): readonly string[] {
    const before = this.#installed.get(name);
    const { mine, problems } = this.#withoutOthers(name, frontends);
    const lack = this.#lack(name, mine) ?? this.#othersLack(name, mine);
    if (lack !== undefined) return [...problems, lack];
    const after = mine.length === 0 ? undefined : this.#install(name, mine, before, problems);
    this.#uninstall(name, before, after);
    if (after === undefined) this.#installed.delete(name);
    else this.#installed.set(name, after);
    this.#count(before, -1);
    this.#count(after, 1);
    this.#callWaiting(before, after);
    return problems;
  }

  /** Leaves out frontends that another has already. */
  #withoutOthers(name: string, frontends: readonly Frontend[]) {
    const problems: string[] = [];
    const mine = frontends.filter((frontend) => {
      const owner = this.#owners.get(textOf(serviceKey(frontend, SCOPE.outside)));
      if (owner === undefined || owner === name) return true;
      problems.push(
        `${placeText(frontend.address, frontend.port)} is taken by ${owner}, and not served for ${name} meanwhile`,
      );
      return false;
    });
    if (problems.length > 0) this.#waiting.set(name, frontends);
    else this.#waiting.delete(name);
    return { mine, problems };
  }

  /** Whose each entry of `services` is, by its key as text. */
  get owners(): ReadonlyMap<string, string> {
    return this.#owners;
  }

  /** How much of each map is in use. */
  get used(): Capacities {
    return {
      services: this.#owners.size,
      backends: this.#capacities.backends - this.#backends.free,
      table: this.#tables.used,
    };
  }

  /** For how many Services' ports there was no room in each map, each counted once until it has some. */
  get overflows(): ReadonlyMap<string, number> {
    return this.#overflows;
  }

  /** Whether there may be room now for what had none: of some map less is in use than when this was asked before. */
  takeRoom(): boolean {
    const inUse = [...Object.values(this.used), ...this.#counts.values()];
    const isLess = inUse.some((count, i) => count < (this.#inUse[i] ?? 0));
    this.#inUse = inUse;
    return isLess;
  }

  #noRoom(name: string, map: string, what: string): string {
    this.#lacking.set(name, map);
    return `${name} is ${what}`;
  }

  /** What there is no room for; undefined if there is. */
  #lack(name: string, frontends: readonly Frontend[]): string | undefined {
    const { services, backends } = this.#capacities;
    const kept = this.#installed.get(name)?.services.size ?? 0;
    const wanted = frontends.reduce((sum, { insideBackends }) => sum + (insideBackends ? 2 : 1), 0);
    if (!this.#hasRoom(services - this.#owners.size + kept - wanted, () => this.#entriesOf(frontends)))
      return this.#noRoom(name, 'services', `not served: the map of services is full, with ${services} entries`);
    const [first] = frontends;
    const before = this.#installed.get(name);
    if (
      first !== undefined &&
      !this.#backends.hasRoomFor(
        frontends.flatMap((one) => backendsOf(one)),
        {
          frontend: first,
          service: before?.id ?? this.#adoptedId(name, frontends) ?? -1,
          before: before?.backends,
        },
      )
    )
      return this.#noRoom(
        name,
        'backends',
        `not served as it is now: the map of backends is full, with ${backends} entries`,
      );
    return undefined;
  }

  /** The maps beside of which there is no room for the ports and ranges; undefined if there is. */
  #othersLack(name: string, frontends: readonly Frontend[]): string | undefined {
    const id = this.#installed.get(name)?.id ?? this.#adoptedId(name, frontends) ?? 0;
    const others = frontends.flatMap((one) => [...targetPortsOf(one), ...sourceRangesOf(one, id)]);
    if (others.length === 0) return undefined;
    const wanted = new Map<MapName, EntryWrite[]>();
    for (const entry of others) {
      const ofMap = wanted.get(entry.map) ?? [];
      ofMap.push(entry);
      wanted.set(entry.map, ofMap);
    }
    for (const [map, entries] of wanted) {
      const kept = countOf(this.#installed.get(name), map);
      const room = map.startsWith('target_ports') ? this.#capacities.backends : this.#capacities.services;
      if (!this.#hasRoom(room - (this.#counts.get(map) ?? 0) + kept - entries.length, () => entries, map))
        return this.#noRoom(name, map, `not served as it is now: the map ${map} is full, with ${room} entries`);
    }
    return undefined;
  }

  /** Whether so many places are enough for what an earlier process has left in them, beside the entries that are claimed of it now. */
  #hasRoom(left: number, claimed: () => readonly EntryWrite[], map?: MapName): boolean {
    const adopted = this.#adopted;
    if (left < 0 || adopted === undefined) return left >= 0;
    const unclaimed = adopted.unclaimed(map);
    return unclaimed <= left || unclaimed - adopted.found(claimed()) <= left;
  }

  /** The entries of `services` that frontends have, by their keys alone. */
  #entriesOf(frontends: readonly Frontend[]): readonly EntryWrite[] {
    return frontends.flatMap((frontend) =>
      scopesOf(frontend).map(([scope]) => ({
        map: `services${familyOf(frontend.address)}` as const,
        key: serviceKey(frontend, scope),
      })),
    );
  }

  /** Counts entries of the maps beside. */
  #count(installed: Installed | undefined, by: 1 | -1): void {
    for (const { map } of installed?.others.values() ?? []) this.#counts.set(map, (this.#counts.get(map) ?? 0) + by);
  }

  #install(name: string, frontends: readonly Frontend[], before: Installed | undefined, problems: string[]): Installed {
    const id = before?.id ?? this.#adoptedId(name, frontends) ?? this.#ids.take();
    const backends = this.#useBackends(frontends, id, before?.backends);
    const made = new Map<string, Region>();
    const services = new Map<string, EntryWrite>();
    for (const frontend of frontends)
      for (const [scope, list] of scopesOf(frontend)) {
        const bytes = serviceKey(frontend, scope);
        const key = textOf(bytes);
        const of = list === frontend.backends ? frontend : { ...frontend, backends: list };
        const region = this.#table({ name, key }, of, backends, { before: before?.tables, made }, problems);
        const counter = this.#counters.of(key);
        const entry = serviceEntry(frontend, { bytes, scope, id, counter, ...region });
        services.set(key, entry);
      }
    const others = frontends.flatMap((one) => [...targetPortsOf(one), ...sourceRangesOf(one, id)]);
    const installed = {
      id,
      services,
      others:
        others.length === 0 ? NO_OTHERS : new Map(others.map((entry) => [`${entry.map} ${textOf(entry.key)}`, entry])),
      backends,
      tables: made,
    };
    this.#write(name, before ?? NOTHING, installed);
    return installed;
  }

  /** The backends that stand in the lists of a Service's port, each once, with their numbers. */
  #useBackends(frontends: readonly Frontend[], service: number, before: BackendSet | undefined): BackendSet {
    const backends = new BackendSet();
    for (const frontend of frontends)
      for (const [, list] of scopesOf(frontend))
        for (const backend of list)
          if (backends.find(backend, frontend.protocol) === undefined)
            backends.add(this.#backends.use(backend, { frontend, service, before }, this.#log));
    return backends;
  }

  #write(name: string, before: Pick<Installed, 'services' | 'others'>, after: Installed): void {
    const isThere = (was: EntryWrite | undefined, entry: EntryWrite): boolean =>
      this.#adopted?.claim(entry) || isSame(was, entry);
    for (const [key, entry] of after.others) if (!isThere(before.others.get(key), entry)) this.#log.add(entry);
    for (const [key, entry] of after.services) {
      if (!this.#owners.has(key))
        this.#addresses.use(...placeOf(entry), { add: (one) => isThere(undefined, one) || this.#log.add(one) });
      this.#owners.set(key, name);
      if (!isThere(before.services.get(key), entry)) this.#log.service(entry);
    }
  }

  /** The table of a list of backends, for a frontend by its key. */
  #table(
    { name, key }: { readonly name: string; readonly key: string },
    frontend: Frontend,
    backends: BackendSet,
    tables: Pick<TableOwner, 'before' | 'made'>,
    problems: string[],
  ): Table {
    const numbers = frontend.backends.map((one) => backends.find(one, frontend.protocol)?.id as number);
    const claim = (values: Uint32Array): Region | undefined => this.#adopted?.claimTable(key, values);
    const table = this.#tables.of(frontend, numbers, { ...tables, claim, log: this.#log });
    if (table.problem === undefined) return table;
    this.#lacking.set(name, 'table');
    const problem = `${name} ${table.problem}`;
    if (!problems.includes(problem)) problems.push(problem);
    return table;
  }

  /** Takes back what a Service had before, and has not now. */
  #uninstall(name: string, before: Installed | undefined, after: Installed | undefined): void {
    if (before === undefined) return;
    for (const [key, entry] of before.services)
      if (!after?.services.has(key) && this.#owners.get(key) === name) {
        this.#owners.delete(key);
        this.#addresses.leave(...placeOf(entry), this.#log);
        this.#counters.release(key);
        this.#log.service({ map: entry.map, key: entry.key });
      }
    for (const [key, entry] of before.others) if (!after?.others.has(key)) this.#log.remove(entry);
    for (const backend of before.backends.all)
      if (after?.backends.find(backend, backend.protocol) === undefined) this.#backends.leave(backend, this.#log);
    this.#tables.releaseOthers(before.tables, after?.tables);
    if (after === undefined) this.#ids.release(before.id);
  }

  /** Those that wait for entries which are free now get them. */
  #callWaiting(before: Installed | undefined, after: Installed | undefined): void {
    if (before === undefined || this.#waiting.size === 0) return;
    const freed = new Set([...before.services.keys()].filter((key) => !after?.services.has(key)));
    if (freed.size === 0) return;
    const called = [...this.#waiting].filter(([, frontends]) =>
      frontends.some((one) => freed.has(textOf(serviceKey(one, SCOPE.outside)))),
    );
    for (const [name, frontends] of called) {
      this.set(name, frontends);
      this.#called.add(name);
    }
  }

  /** The names of those that were given what another has left, of which other things may be told now. */
  takeCalled(): readonly string[] {
    const called = [...this.#called];
    this.#called.clear();
    return called;
  }
}

function countOf(installed: Installed | undefined, map: MapName): number {
  return [...(installed?.others.values() ?? [])].filter((entry) => entry.map === map).length;
}

function isSame(a: EntryWrite | undefined, b: EntryWrite): boolean {
  return a?.value !== undefined && b.value !== undefined && isSameBytes(a.value, b.value);
}

function serviceKey({ address, port, protocol }: Frontend, scope: number): Uint8Array {
  const family = familyOf(address);
  return layouts(family).serviceKey.encode({
    address: addressBytes(address),
    port,
    protocol: PROTOCOL[protocol],
    scope,
  });
}

/** The address of an entry of a service, which its key begins with. */
function placeOf({ map, key }: EntryWrite): [Family, Uint8Array] {
  return map === 'services4' ? [4, key.subarray(0, 4)] : [6, key.subarray(0, 16)];
}

function scopesOf({ backends, insideBackends }: Frontend): [number, Frontend['backends']][] {
  return [
    [SCOPE.outside, backends],
    ...(insideBackends ? [[SCOPE.inside, insideBackends] as [number, Frontend['backends']]] : []),
  ];
}

function serviceEntry(
  frontend: Frontend,
  {
    bytes,
    scope,
    id,
    counter,
    offset,
    size,
    isRandom,
  }: Region & { bytes: Uint8Array; scope: number; id: number; counter: number; isRandom: boolean },
): EntryWrite {
  const family = familyOf(frontend.address);
  const { insideBackends, whenEmpty, sourceRanges, affinitySeconds = 0, mode } = frontend;
  const flags =
    (insideBackends && scope === SCOPE.outside ? SERVICE_FLAG.hasInside : 0) |
    (whenEmpty === 'drop' ? SERVICE_FLAG.dropsWhenEmpty : 0) |
    (sourceRanges ? SERVICE_FLAG.hasSourceRanges : 0);
  const value = layouts(family).service.encode({
    id,
    tableOffset: offset,
    tableSize: size,
    affinitySeconds,
    counter,
    flags,
    mode: MODE[mode],
    algorithm: isRandom ? ALGORITHM.random : ALGORITHM.maglev,
  });
  return { map: `services${family}`, key: bytes, value };
}
