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
  #free: Region[];
  #released: Region[] = [];

  /** `used`: what is in use already, in any order. */
  constructor(capacity: number, used: readonly Region[] = []) {
    this.#capacity = capacity;
    this.#free = gapsOf(capacity, used);
  }

  /** How many elements are neither in use nor released. */
  get free(): number {
    return this.#free.reduce((sum, { size }) => sum + size, 0);
  }

  /** The first part that is large enough; undefined if there is none. */
  take(size: number): Region | undefined {
    const at = this.#free.findIndex((one) => one.size >= size);
    const found = this.#free[at];
    if (found === undefined) return undefined;
    const rest = { offset: found.offset + size, size: found.size - size };
    this.#free.splice(at, 1, ...(rest.size > 0 ? [rest] : []));
    return { offset: found.offset, size };
  }

  release(region: Region): void {
    if (region.size > 0) this.#released.push(region);
  }

  /** What was released before is free from now on. */
  settle(): void {
    if (this.#released.length === 0) return;
    this.#free = merged([...this.#free, ...this.#released], this.#capacity);
    this.#released = [];
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

function merged(regions: readonly Region[], capacity: number): Region[] {
  const free: Region[] = [];
  for (const region of [...regions].sort((a, b) => a.offset - b.offset)) {
    if (region.offset < 0 || region.offset + region.size > capacity)
      throw new RangeError('A region must be of its slab');
    const last = free.at(-1);
    if (last === undefined || last.offset + last.size < region.offset) free.push(region);
    else free[free.length - 1] = { offset: last.offset, size: region.offset + region.size - last.offset };
  }
  return free;
}
