/** A seed of Maglev tables: nodes that are to choose alike have the same one. */
export interface HashSeed {
  readonly offset: number;
  readonly skip: number;
}

/** What all nodes have that are given no other. */
export const DEFAULT_SEED: HashSeed = { offset: 0x9e3779b9, skip: 0x85ebca6b };

/** The seed that a text stands for: any text, the same on all nodes. */
export function seedOf(text: string): HashSeed {
  return { offset: hash32(text, DEFAULT_SEED.offset), skip: hash32(text, DEFAULT_SEED.skip) };
}

/**
 * The 32-bit MurmurHash3 (x86_32) of a name's UTF-16 code units, low byte first. Any hash would do that spreads well and is
 * the same on all nodes; this one is small.
 */
export function hash32(name: string, seed: number): number {
  let h = seed >>> 0;
  let at = 0;
  for (; at + 2 <= name.length; at += 2)
    h = Math.imul(rotate(h ^ scramble(name.charCodeAt(at) | (name.charCodeAt(at + 1) << 16)), 13), 5) + 0xe6546b64;
  if (at < name.length) h ^= scramble(name.charCodeAt(at));
  return finish(h ^ (2 * name.length));
}

function scramble(k: number): number {
  return Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function finish(h: number): number {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
