/** Gathers the bytes of a head until its empty line; each byte is looked at once, however slowly they come. */
export class HeadBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Bytes that wait for the end of their head. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds what came. @returns the head's text without its empty line, and the bytes after it as they stand in `rest`;
   * undefined while the head goes on.
   */
  push(
    chunk: Buffer,
    start: number,
  ): { readonly text: string; readonly bytes: Buffer; readonly end: number } | undefined {
    if (this.#length === 0) {
      const end = chunk.indexOf('\r\n\r\n', start, 'latin1');
      if (end !== -1) return { text: chunk.toString('latin1', start, end), bytes: chunk, end: end + 4 };
      this.#append(chunk, start);
      return undefined;
    }
    const from = Math.max(0, this.#length - 3);
    this.#append(chunk, start);
    const whole = this.#bytes.subarray(0, this.#length);
    const end = whole.indexOf('\r\n\r\n', from, 'latin1');
    if (end === -1) return undefined;
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return { text: whole.toString('latin1', 0, end), bytes: whole, end: end + 4 };
  }

  #append(chunk: Buffer, start: number): void {
    const needed = this.#length + chunk.length - start;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2, 1024));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length, start);
    this.#length = needed;
  }
}
