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
 * walks through all slots in an order of its own, and takes the next free one in its turns, so that shares are even and few
 * slots change their backend when another comes or goes.
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
    backends,
    backends.map((_, i) => i + 1),
    seed,
  );
  for (let slot = 0; slot < size && slot < table.length; slot++) table[slot] = (table[slot] as number) - 1;
  return table;
}

/**
 * Makes the same table in an array of zeros, of the table's size, with a number above 0 for each backend in the place of its index.
 */
export function fillTable(
  table: Uint32Array,
  backends: readonly MaglevBackend[],
  numbers: readonly number[],
  seed: HashSeed,
): void {
  if (backends.length === 0) return;
  const size = table.length;
  if (size < backends.length)
    throw new RangeError(`A table of ${size} slots is too small for ${backends.length} backends`);
  const order = backends
    .map((_, i) => i)
    .sort((a, b) => compareNames(backends[a]?.name ?? '', backends[b]?.name ?? ''));
  const values = Uint32Array.from(order, (index) => numbers[index] as number);
  const walks = walksOf(order, backends, size, seed);
  if (backends.every(({ weight = 1 }) => weight === 1)) fillEvenly(table, values, walks);
  else fillByShares(table, values, walks, sharesOf(order, backends));
}

const FREE = 0;

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where each backend, in order, looks next, and how far it goes from there. */
function walksOf(order: readonly number[], backends: readonly MaglevBackend[], size: number, seed: HashSeed): Walks {
  // with a sign, which machines compute faster with
  const next = new Int32Array(order.length);
  const skips = new Int32Array(order.length);
  order.forEach((index, i) => {
    const { name } = backends[index] as MaglevBackend;
    next[i] = hash32(name, seed.offset) % size;
    skips[i] = (hash32(name, seed.skip) % (size - 1)) + 1;
  });
  return { next, skips };
}

/** The turns that each backend, in order, has a round: the largest weight has all. */
function sharesOf(order: readonly number[], backends: readonly MaglevBackend[]): Float64Array {
  const weights = order.map((index) => backends[index]?.weight ?? 1);
  const most = Math.max(...weights);
  if (!(most > 0)) throw new RangeError('At least one backend must have a weight above 0');
  return Float64Array.from(weights, (weight) => weight / most);
}

interface Walks {
  readonly next: Int32Array;
  readonly skips: Int32Array;
}

/** Each has its turn in every round. */
function fillEvenly(table: Uint32Array, values: Uint32Array, walks: Walks): void {
  let turn = 0;
  for (let filled = 0; filled < table.length; filled++) {
    take(table, values, walks, turn);
    if (++turn === values.length) turn = 0;
  }
}

function fillByShares(table: Uint32Array, values: Uint32Array, walks: Walks, shares: Float64Array): void {
  const turns = new Float64Array(values.length);
  for (let filled = 0; ; )
    for (let i = 0; i < values.length; i++) {
      turns[i] = (turns[i] as number) + (shares[i] as number);
      if ((turns[i] as number) < 1) continue;
      turns[i] = (turns[i] as number) - 1;
      take(table, values, walks, i);
      if (++filled === table.length) return;
    }
}

/** A turn: the next free slot of a walk. */
function take(table: Uint32Array, values: Uint32Array, { next, skips }: Walks, i: number): void {
  const size = table.length | 0;
  const skip = skips[i] as number;
  let slot = next[i] as number;
  while (table[slot] !== FREE) {
    slot += skip;
    if (slot >= size) slot -= size;
  }
  table[slot] = values[i] as number;
  slot += skip;
  next[i] = slot >= size ? slot - size : slot;
}
