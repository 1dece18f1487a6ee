import { emptySet, type FieldSet, patternOf } from 'nekube/smd';
import { ownedFields } from './owned-fields.ts';
import type { Owner } from './owners.ts';

/** Who owns: the same name that applied and that updated is two. */
export type Party = Pick<Owner, 'manager' | 'operation' | 'subresource'>;

/** What one manager owns of a set of objects. Fields are counted as `ownedFields` does. */
export interface PartyTally extends Party {
  /** In how many objects it owns anything. */
  readonly objects: number;
  readonly fields: number;
  /** So many of the fields are owned by others, too. */
  readonly shared: number;
  /** When the oldest of its entries last changed, RFC 3339; undefined if none has a time. */
  readonly oldest: string | undefined;
  /** When the newest of its entries last changed. */
  readonly newest: string | undefined;
}

/** What two managers own together. */
export interface SharedTally {
  readonly parties: readonly [Party, Party];
  readonly fields: number;
  readonly objects: number;
  /** The fields, with the number of objects in which they are shared; empty unless asked for. */
  readonly paths: ReadonlyMap<string, number>;
}

/** Counts who owns how much, alone and with whom, one object at a time; it keeps counts, no objects. */
export class OwnershipTally {
  readonly #parties = new Map<string, Counted>();
  readonly #shared = new Map<string, CountedPair>();
  readonly #withPaths: boolean;
  #objects = 0;

  /** @param withPaths whether it is also counted which fields are shared; that takes room for each path */
  constructor({ withPaths = false }: { readonly withPaths?: boolean } = {}) {
    this.#withPaths = withPaths;
  }

  /** How many objects were counted. */
  get objects(): number {
    return this.#objects;
  }

  /** Counts an object by its owners. */
  add(owners: readonly Owner[]): void {
    this.#objects++;
    const holdings = holdingsOf(owners);
    for (const holding of holdings) this.#addParty(holding, holdings);
    holdings.forEach((one, i) => {
      for (const other of holdings.slice(i + 1)) this.#addPair(one, other);
    });
  }

  /** All managers, those who own most first. */
  parties(): PartyTally[] {
    return [...this.#parties.values()]
      .map(({ party, ...counts }) => ({ ...party, ...counts }))
      .sort((a, b) => b.fields - a.fields || (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** Pairs of managers that share fields, those who share most first; in whatever order the objects came. */
  pairs(): SharedTally[] {
    return [...this.#shared]
      .sort(([key, a], [other, b]) => b.fields - a.fields || (key < other ? -1 : 1))
      .map(([, pair]) => pair);
  }

  #addParty({ party, fields, oldest, newest }: Holding, all: readonly Holding[]): void {
    const others = all.filter((other) => other.party !== party);
    const alone = others.reduce((left, other) => left.difference(other.fields), fields);
    const known = this.#parties.get(nameOf(party));
    this.#parties.set(nameOf(party), {
      party,
      objects: (known?.objects ?? 0) + 1,
      fields: (known?.fields ?? 0) + fields.size,
      shared: (known?.shared ?? 0) + fields.size - alone.size,
      oldest: earlier(known?.oldest, oldest),
      newest: later(known?.newest, newest),
    });
  }

  #addPair(one: Holding, other: Holding): void {
    const both = one.fields.intersection(other.fields);
    if (both.empty) return;
    const [a, b] = nameOf(one.party) < nameOf(other.party) ? [one.party, other.party] : [other.party, one.party];
    const key = `${nameOf(a)}\n${nameOf(b)}`;
    const known = this.#shared.get(key) ?? { parties: [a, b] as const, fields: 0, objects: 0, paths: new Map() };
    known.fields += both.size;
    known.objects++;
    if (this.#withPaths) for (const path of both.paths()) count(known.paths, patternOf(path));
    this.#shared.set(key, known);
  }
}

interface Counted extends Omit<PartyTally, keyof Party> {
  readonly party: Party;
}

interface CountedPair {
  readonly parties: readonly [Party, Party];
  fields: number;
  objects: number;
  readonly paths: Map<string, number>;
}

/** What a manager owns of one object, by all of its entries. */
export interface Holding {
  readonly party: Party;
  /** As `ownedFields` counts them. */
  readonly fields: FieldSet;
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
}

/** The owners of an object, with entries of the same manager in several versions as one. */
export function holdingsOf(owners: readonly Owner[]): Holding[] {
  const holdings = new Map<string, Holding>();
  for (const { manager, operation, subresource, fields, time } of owners) {
    const party = { manager, operation, subresource };
    const known = holdings.get(nameOf(party));
    holdings.set(nameOf(party), {
      party: known?.party ?? party,
      fields: (known?.fields ?? emptySet).union(ownedFields(fields)),
      oldest: earlier(known?.oldest, time),
      newest: later(known?.newest, time),
    });
  }
  return [...holdings.values()];
}

/** A name for a manager as a whole, equal for equal ones. */
export function nameOf({ manager, operation, subresource }: Party): string {
  return JSON.stringify([manager, operation, subresource]);
}

// times of entries are in UTC and whole seconds, so that their texts have their order
function earlier(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
