/** A part of a slab, in elements. */
export interface Region {
  readonly offset: number;
  readonly size: number;
}

/**
 * Which parts of an array are in use. Regions that are released are free again after the next `settle`: until then a packet that
 * has read the old offset may still be on its way.
 */
export class Slab {
  readonly #capacity: number;
  /** Free parts by offset, none of which touch. */
  readonly #gaps: Region[];
  #released: Region[] = [];
  #free: number;

  /** `used`: what is in use already, in any order. */
  constructor(capacity: number, used: readonly Region[] = []) {
    this.#capacity = capacity;
    this.#gaps = gapsOf(capacity, used);
    this.#free = this.#gaps.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many elements are neither in use nor released. */
  get free(): number {
    return this.#free;
  }

  /** The first part that is large enough; undefined if there is none. */
  take(size: number): Region | undefined {
    const at = this.#gaps.findIndex((one) => one.size >= size);
    const found = this.#gaps[at];
    if (found === undefined) return undefined;
    const rest = { offset: found.offset + size, size: found.size - size };
    if (rest.size > 0) this.#gaps[at] = rest;
    else this.#gaps.splice(at, 1);
    this.#free -= size;
    return { offset: found.offset, size };
  }

  /** @throws RangeError it is not of the slab */
  release(region: Region): void {
    if (region.offset < 0 || region.offset + region.size > this.#capacity)
      throw new RangeError('A region must be of its slab');
    if (region.size > 0) this.#released.push(region);
  }

  /** What was released before is free from now on. */
  settle(): void {
    for (const region of this.#released) this.#add(region);
    this.#released = [];
  }

  /** Joined with the gaps that it touches. */
  #add(region: Region): void {
    const at = this.#behind(region.offset);
    const [before, after] = [this.#gaps[at - 1], this.#gaps[at]];
    const joinsBefore = before !== undefined && before.offset + before.size === region.offset;
    const joinsAfter = after !== undefined && region.offset + region.size === after.offset;
    const offset = joinsBefore ? before.offset : region.offset;
    const end = joinsAfter ? after.offset + after.size : region.offset + region.size;
    const from = joinsBefore ? at - 1 : at;
    this.#gaps.splice(from, Number(joinsBefore) + Number(joinsAfter), { offset, size: end - offset });
    this.#free += region.size;
  }

  /** Where the first gap behind an offset stands. */
  #behind(offset: number): number {
    let [low, high] = [0, this.#gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#gaps[middle] as Region).offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function gapsOf(capacity: number, used: readonly Region[]): Region[] {
  const gaps: Region[] = [];
  let end = 0;
  for (const { offset, size } of [...used].sort((a, b) => a.offset - b.offset)) {
    if (offset > end) gaps.push({ offset: end, size: offset - end });
    end = Math.max(end, offset + size);
  }
  return end < capacity ? [...gaps, { offset: end, size: capacity - end }] : gaps;
}
