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
  if (backends.length === 0) return new Uint32Array();
  if (size < backends.length)
    throw new RangeError(`A table of ${size} slots is too small for ${backends.length} backends`);
  const order = backends
    .map((_, i) => i)
    .sort((a, b) => compareNames(backends[a]?.name ?? '', backends[b]?.name ?? ''));
  const table = new Uint32Array(size).fill(FREE);
  fill(table, order, walksOf(order, backends, size, seed), sharesOf(order, backends));
  return table;
}

const FREE = 0xffffffff;

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where each backend, in order, looks next, and how far it goes from there. */
function walksOf(order: readonly number[], backends: readonly MaglevBackend[], size: number, seed: HashSeed) {
  const next = new Uint32Array(order.length);
  const skips = new Uint32Array(order.length);
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

function fill(
  table: Uint32Array,
  order: readonly number[],
  { next, skips }: { readonly next: Uint32Array; readonly skips: Uint32Array },
  shares: Float64Array,
): void {
  const size = table.length;
  const turns = new Float64Array(order.length);
  for (let filled = 0; ; )
    for (let i = 0; i < order.length; i++) {
      turns[i] = (turns[i] as number) + (shares[i] as number);
      if ((turns[i] as number) < 1) continue;
      turns[i] = (turns[i] as number) - 1;
      let slot = next[i] as number;
      const skip = skips[i] as number;
      while (table[slot] !== FREE) slot = slot + skip >= size ? slot + skip - size : slot + skip;
      table[slot] = order[i] as number;
      next[i] = slot + skip >= size ? slot + skip - size : slot + skip;
      if (++filled === size) return;
    }
}
