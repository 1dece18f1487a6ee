/** Beyond what was in use at a restart: as many may have been given and given back since, which flows still know. */
const LEAP = 1_000_000;
/** Numbers have 32 bits in maps. */
const NUMBERS = 2 ** 32;
/** Numbers of one block. */
const BLOCK = 4096;

/** Which numbers of a block are in use. */
interface Block {
  readonly used: Uint8Array;
  count: number;
}

/**
 * Numbers from 1, of which none is given twice, as long as there are 32 bits: what is remembered of a number that was given back, in flows
 * and affinities, must not be another's.
 */
export class FreshIds {
  readonly #capacity: number;
  /** Those that have a number in use. Numbers come in a row, so that blocks are few and full. */
  readonly #blocks = new Map<number, Block>();
  #count = 0;
  #next = 1;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many may still be given. */
  get free(): number {
    return this.#capacity - this.#count;
  }

  /** Marks one that is in use already, since an earlier process. */
  adopt(id: number): void {
    this.#use(id);
    this.#next = Math.max(this.#next, id + LEAP);
  }

  /** @throws RangeError as many as there is room for are in use */
  take(): number {
    if (this.free === 0) throw new RangeError(`All ${this.#capacity} numbers are in use`);
    let id = this.#next;
    while (id >= NUMBERS || !this.#use(id)) id = id >= NUMBERS ? 1 : id + 1;
    this.#next = id + 1;
    return id;
  }

  release(id: number): void {
    const number = Math.floor(id / BLOCK);
    const block = this.#blocks.get(number);
    if (block?.used[id % BLOCK] !== 1) return;
    block.used[id % BLOCK] = 0;
    this.#count--;
    if (--block.count === 0) this.#blocks.delete(number);
  }

  /** Whether it was not in use before. */
  #use(id: number): boolean {
    const number = Math.floor(id / BLOCK);
    const block = this.#blocks.get(number) ?? { used: new Uint8Array(BLOCK), count: 0 };
    if (block.used[id % BLOCK] === 1) return false;
    if (block.count === 0) this.#blocks.set(number, block);
    block.used[id % BLOCK] = 1;
    block.count++;
    this.#count++;
    return true;
  }
}
