/** Numbers in one piece of memory. */
const PIECE = 65_536;
/** Pieces that are kept for the next time. */
const KEPT = 8;

/**
 * Arrays of zeros that are cut out of a few large ones, and out of the same ones again when all are given back: memory that was just
 * used is written much faster than new memory, and is nothing to the garbage collector.
 */
export class Rows {
  #pieces: Uint32Array[] = [];
  /** The piece that is cut from, and how much of it is taken. */
  #piece = 0;
  #used = 0;

  readonly take = (size: number): Uint32Array => {
    if (size > PIECE / 4) return new Uint32Array(size);
    if (this.#used + size > PIECE) {
      this.#piece++;
      this.#used = 0;
    }
    const piece = (this.#pieces[this.#piece] ??= new Uint32Array(PIECE));
    this.#used += size;
    return piece.subarray(this.#used - size, this.#used).fill(0);
  };

  /** Nobody reads what was taken any more. */
  giveBack(): void {
    this.#pieces = this.#pieces.slice(0, KEPT);
    this.#piece = 0;
    this.#used = 0;
  }
}
