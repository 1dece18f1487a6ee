import type { Frontend } from '../model/config.ts';
import { type TableOptions, tableOf } from './compile.ts';
import { Rows } from './rows.ts';
import { type Region, Slab } from './slab.ts';
import type { WriteLog } from './writes.ts';

/** The tables of a Service's port, by what they were made of. */
export type TableSet = ReadonlyMap<string, Region>;

/** What a list of backends gets. */
export interface Table extends Region {
  readonly isRandom: boolean;
  /** What is not as it should be, since there is no room. */
  readonly problem?: string;
}

/** The Service's port whose tables are made. */
export interface TableOwner {
  readonly before: TableSet | undefined;
  /** Those that it has so far. */
  readonly made: Map<string, Region>;
  /** Gives the table of an earlier process, if it is this one. */
  readonly claim: (values: Uint32Array) => Region | undefined;
  readonly log: WriteLog;
}

const FULL = 'the array of tables is full';

/** The tables of all Services, which are parts of one array. */
export class Tables {
  readonly #capacity: number;
  readonly #options: TableOptions & Pick<Rows, 'take'>;
  readonly #slab: Slab;
  readonly #rows = new Rows();
  /** Of tables in whose places others stand: how much of them these take. */
  readonly #replaced = new Map<Region, number>();

  /** `used`: what an earlier process has left. */
  constructor(capacity: number, options: TableOptions, used: readonly Region[]) {
    this.#capacity = capacity;
    this.#options = { ...options, take: this.#rows.take };
    this.#slab = new Slab(capacity, used);
  }

  /** How many slots are in use. */
  get used(): number {
    return this.#capacity - this.#slab.free;
  }

  /** What was given back may be used again, and so may the memory of what was written. */
  settle(): void {
    this.#rows.giveBack();
    this.#slab.settle();
  }

  /** Gives back a part that is nobody's. */
  release(region: Region): void {
    this.#slab.release(region);
  }

  /** Gives back the tables that a Service's port has no more. */
  releaseOthers(before: TableSet, after: TableSet | undefined): void {
    const kept = new Set(after?.values());
    for (const region of before.values()) {
      if (kept.has(region)) continue;
      const taken = this.#replaced.get(region) ?? 0;
      this.#replaced.delete(region);
      this.#slab.release({ offset: region.offset + taken, size: region.size - taken });
    }
  }

  /**
   * The table of a frontend's backends, by their numbers: the one that there is already, or a new one. Where there is no room for it, it
   * gets the place of one that the Service's port has no more; else backends are by chance; else it has some of them.
   */
  of(frontend: Frontend, numbers: readonly number[], owner: TableOwner): Table {
    const ways = frontend.algorithm === 'random' ? [true] : [false, true];
    const asked = ways[0] === true;
    const active = numbers.filter((_, i) => !frontend.backends[i]?.isTerminating).join(' ');
    for (const isRandom of ways) {
      const region = this.#find(`${isRandom} ${active}`, owner, () =>
        tableOf(frontend.backends, numbers, isRandom, this.#options),
      );
      if (region === undefined) continue;
      const isAsAsked = isRandom === asked;
      return {
        ...region,
        isRandom,
        ...(!isAsAsked && { problem: `has its backends by chance and not by a table: ${FULL}` }),
      };
    }
    const some = this.#inPlace(tableOf(frontend.backends, numbers, true, this.#options), owner, { isWhole: false });
    if (some === undefined) return { offset: 0, size: 0, isRandom: true, problem: `is not served: ${FULL}` };
    owner.made.set(`some of ${active}`, some);
    return { ...some, isRandom: true, problem: `has some of its backends alone: ${FULL}` };
  }

  #find(key: string, owner: TableOwner, make: () => Uint32Array): Region | undefined {
    const before = owner.before?.get(key);
    const known = owner.made.get(key) ?? (before && !this.#replaced.has(before) ? before : undefined);
    const region = known ?? this.#newTable(make(), owner);
    if (region !== undefined) owner.made.set(key, region);
    return region;
  }

  #newTable(values: Uint32Array, owner: TableOwner): Region | undefined {
    if (values.length === 0) return { offset: 0, size: 0 };
    const claimed = owner.claim(values);
    if (claimed !== undefined) return claimed;
    const region = this.#slab.take(values.length);
    if (region === undefined) return this.#inPlace(values, owner, { isWhole: true });
    owner.log.table({ offset: region.offset, values });
    return region;
  }

  /** What a packet finds there between is a backend of before, or one of now. */
  #inPlace(
    values: Uint32Array,
    { before, made, log }: TableOwner,
    { isWhole }: { isWhole: boolean },
  ): Region | undefined {
    const kept = new Set(made.values());
    for (const region of before?.values() ?? []) {
      if (kept.has(region) || this.#replaced.has(region) || region.size === 0) continue;
      if (isWhole && region.size < values.length) continue;
      const placed = values.subarray(0, region.size);
      this.#replaced.set(region, placed.length);
      log.table({ offset: region.offset, values: placed });
      return { offset: region.offset, size: placed.length };
    }
    return undefined;
  }
}
