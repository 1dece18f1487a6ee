import { DEFAULT_SEED, type HashSeed, hash32 } from './hash.ts';

/** A backend, as far as a table looks at it. */
export interface MaglevBackend {
  /** What tells it apart and is the same on all nodes: its address and port. */
  readonly name: string;
  /** Its share beside the others'. 1 by default. */
  readonly weight?: number;
}

/**
 * The lookup table of Maglev hashing (Eisenbud and others, NSDI 2016, section 3.4): slot → index in `backends`. Each backend
 * walks through all slots in an order of its own, and takes free ones in its turns until it has its share, so that shares are even and
 * few slots change their backend when another comes or goes.
 *
 * Beside the paper's, a backend looks at one slot a turn, and passes if that is taken, where there it looks on until it has found a free
 * one. So how far it has come does not depend on what others have, and half as many slots change; nor does it take as many steps.
 *
 * The table depends on the backends' names alone and not on their order: nodes with the same `seed` choose alike. Empty for no
 * backends. `size` must be a prime, and not less than the number of backends. Takes about `size · log size` steps.
 */
export function maglevTable(
  backends: readonly MaglevBackend[],
  size: number,
  seed: HashSeed = DEFAULT_SEED,
): Uint32Array {
  const table = new Uint32Array(backends.length === 0 ? 0 : size);
  fillTable(
    table,
    backends.map(({ name }) => name),
    { numbers: backends.map((_, i) => i + 1), weights: backends.map(({ weight = 1 }) => weight), seed },
  );
  for (let slot = 0; slot < table.length; slot++) table[slot] = (table[slot] as number) - 1;
  return table;
}

/** What a table is filled by. */
export interface Filling {
  /** What stands in the table for each backend: above 0. */
  readonly numbers: readonly number[];
  /** Default: all have the same. */
  readonly weights?: readonly number[];
  readonly seed: HashSeed;
}

/** Makes the same table of backends with these names in an array of zeros, of the table's size. */
export function fillTable(table: Uint32Array, names: readonly string[], { numbers, weights, seed }: Filling): void {
  if (names.length === 0) return;
  const size = table.length;
  if (size < names.length) throw new RangeError(`A table of ${size} slots is too small for ${names.length} backends`);
  const order = names.map((_, i) => i).sort((a, b) => compareNames(names[a] as string, names[b] as string));
  const walks = walksOf(order, names, size, seed);
  const values = Uint32Array.from(order, (index) => numbers[index] as number);
  if (weights === undefined || weights.every((weight) => weight === weights[0] && weight > 0))
    fillEvenly(table, values, walks);
  else
    fillByShares(
      table,
      values,
      walks,
      order.map((index) => weights[index] as number),
    );
}

const FREE = 0;

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where each backend, in order, looks next, and how far it goes from there. */
interface Walks {
  readonly next: Int32Array;
  readonly skips: Int32Array;
}

function walksOf(order: readonly number[], names: readonly string[], size: number, seed: HashSeed): Walks {
  // with a sign, which machines compute faster with
  const next = new Int32Array(order.length);
  const skips = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const name = names[order[i] as number] as string;
    next[i] = hash32(name, seed.offset) % size;
    skips[i] = (hash32(name, seed.skip) % (size - 1)) + 1;
  }
  return { next, skips };
}

/** Each has its turn in every round. */
function fillEvenly(table: Uint32Array, values: Uint32Array, { next, skips }: Walks): void {
  const [size, count] = [table.length | 0, values.length | 0];
  const shares = new Int32Array(count).fill(Math.floor(size / count)).fill(Math.ceil(size / count), 0, size % count);
  for (let left = size; left > 0; )
    for (let i = 0; i < count; i++) {
      const share = shares[i] as number;
      if (share === 0) continue;
      const slot = next[i] as number;
      // nothing foretells whether a walk is at its end, or a slot free: without branches it is twice as fast
      const further = slot + (skips[i] as number) - size;
      next[i] = further + (size & (further >> 31));
      const taken = (table[slot] as number) | 0;
      const isFree = ((taken | -taken) >>> 31) ^ 1;
      table[slot] = taken | ((values[i] as number) & -isFree);
      shares[i] = share - isFree;
      left -= isFree;
    }
}

/** Nobody waits longer for a turn: shares end a walk anyway. */
const ROUNDS_A_TURN = 64;

/** The largest weight has its turn in every round. */
function fillByShares(
  table: Uint32Array,
  values: Uint32Array,
  { next, skips }: Walks,
  weights: readonly number[],
): void {
  const shares = sharesOf(weights, table.length);
  const most = Math.max(...weights);
  const turns = new Float64Array(values.length);
  for (let left = table.length; left > 0; )
    for (let i = 0; i < values.length; i++) {
      if (shares[i] === 0) continue;
      turns[i] = (turns[i] as number) + Math.max((weights[i] as number) / most, 1 / ROUNDS_A_TURN);
      if ((turns[i] as number) < 1) continue;
      turns[i] = (turns[i] as number) - 1;
      const slot = next[i] as number;
      next[i] = (slot + (skips[i] as number)) % table.length;
      if (table[slot] !== FREE) continue;
      table[slot] = values[i] as number;
      shares[i] = (shares[i] as number) - 1;
      left--;
    }
}

/** The slots of each, in whole numbers: those that lack most of one more get it. */
function sharesOf(weights: readonly number[], size: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (!(sum > 0)) throw new RangeError('At least one backend must have a weight above 0');
  const exact = weights.map((weight) => (size * weight) / sum);
  const shares = exact.map(Math.floor);
  const lacking = exact.map((_, i) => i).sort((a, b) => ((exact[b] as number) % 1) - ((exact[a] as number) % 1));
  const rest = size - shares.reduce((all, share) => all + share, 0);
  for (const i of lacking.slice(0, rest)) shares[i] = (shares[i] as number) + 1;
  return shares;
}
