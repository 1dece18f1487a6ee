import type { HttpRoute, StreamForward } from '../model/index.ts';
import { compareRanks } from './attachment.ts';
import { compareText } from './gateway-plans.ts';
import type { Placement } from './routes.ts';

/** A match of a route at a domain of a listener, or what is done with its connections. */
export interface TableEntry {
  readonly owner: RouteIdentity;
  /** Of kind and match: the greater numbers first. */
  readonly rank: readonly number[];
  readonly route?: HttpRoute;
  readonly stream?: StreamForward;
}

/** Which route it is, and how old. */
export interface RouteIdentity {
  /** `HTTPRoute/NS/NAME`. */
  readonly id: string;
  readonly created: string;
  /** `NS/NAME`. */
  readonly key: string;
}

/** The entries of a domain, and how many routes have it, also without any. */
interface Domain {
  routes: number;
  entries: TableEntry[];
  sorted: boolean;
  /** It has not been asked for yet. */
  filling: boolean;
}

/** What listeners have by domain, of all routes; changed in place, a route at a time. */
export class RouteTables {
  readonly #listeners = new Map<string, Map<string, Domain>>();
  readonly #dirty = new Map<string, Set<string>>();
  readonly #attached = new Map<string, Set<string>>();

  /** Takes the placements of a route away, and puts others in. */
  replace(owner: RouteIdentity, before: readonly Placement[], now: readonly Placement[]): void {
    for (const placement of before) this.#remove(owner, placement);
    for (const placement of now) this.#insert(owner, placement);
  }

  /** The domains of a listener. */
  domainsOf(listener: string): Iterable<string> {
    return this.#listeners.get(listener)?.keys() ?? [];
  }

  /** Whether a listener has a domain. */
  has(listener: string, domain: string): boolean {
    return this.#listeners.get(listener)?.has(domain) === true;
  }

  /** By precedence. */
  entriesOf(listener: string, domain: string): readonly TableEntry[] {
    const found = this.#listeners.get(listener)?.get(domain);
    if (found === undefined) return [];
    found.filling = false;
    if (!found.sorted) {
      found.entries.sort(compareEntries);
      found.sorted = true;
    }
    return found.entries;
  }

  /** How many routes are attached to a listener. */
  attachedTo(listener: string): number {
    return this.#attached.get(listener)?.size ?? 0;
  }

  /** What changed since the last time this was asked: domains by listener. */
  takeDirty(): ReadonlyMap<string, ReadonlySet<string>> {
    const dirty = new Map(this.#dirty);
    this.#dirty.clear();
    return dirty;
  }

  #remove({ id }: RouteIdentity, { listener, domains }: Placement): void {
    const table = this.#listeners.get(listener);
    this.#attached.get(listener)?.delete(id);
    for (const { domain } of domains) {
      const found = table?.get(domain);
      if (found === undefined) continue;
      found.entries = found.entries.filter(({ owner }) => owner.id !== id);
      found.routes -= 1;
      if (found.routes === 0) table?.delete(domain);
      this.#touch(listener, domain);
    }
  }

  #insert(owner: RouteIdentity, { listener, domains, routes, stream }: Placement): void {
    const table = setDefault(this.#listeners, listener, () => new Map<string, Domain>());
    setDefault(this.#attached, listener, () => new Set<string>()).add(owner.id);
    for (const { domain, rank } of domains) {
      const found = setDefault(table, domain, () => ({
        routes: 0,
        entries: [] as TableEntry[],
        sorted: true,
        filling: true,
      }));
      found.routes += 1;
      if (stream !== undefined) insertEntry(found, { owner, rank, stream });
      for (const { route, rank: own } of routes) {
        insertEntry(found, { owner, rank: [own[0]!, ...rank, ...own.slice(1)], route });
      }
      this.#touch(listener, domain);
    }
  }

  #touch(listener: string, domain: string): void {
    setDefault(this.#dirty, listener, () => new Set<string>()).add(domain);
  }
}

/** Into its place, if all are in theirs; many are put in faster when they are sorted once. */
function insertEntry(domain: Domain, entry: TableEntry): void {
  const { entries } = domain;
  if (domain.sorted && !domain.filling) {
    entries.splice(placeOf(entries, entry), 0, entry);
    return;
  }
  // mostly they come in order
  const last = entries.at(-1);
  domain.sorted &&= last === undefined || compareEntries(last, entry) <= 0;
  entries.push(entry);
}

/** After all that are not behind it. */
function placeOf(entries: readonly TableEntry[], entry: TableEntry): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareEntries(entries[middle]!, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By rank, then the oldest, then by name; entries of one route stay as they stand in it. */
function compareEntries(a: TableEntry, b: TableEntry): number {
  return (
    compareRanks(a.rank, b.rank) ||
    compareText(a.owner.created, b.owner.created) ||
    compareText(a.owner.key, b.owner.key) ||
    compareText(a.owner.id, b.owner.id)
  );
}

/** The value of a key, made if it is not there. */
export function setDefault<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
