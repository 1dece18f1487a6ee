/**
 * The lines of a stream of bytes, without their ends, wherever the stream is cut into pieces. A line that is whole in one
 * piece is not copied, and shares its memory; a long line costs its length, however many pieces it comes in.
 *
 * @throws TruncatedLineError if the stream ends in the middle of a line
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = [];
  for await (const piece of stream) {
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      const last = piece.subarray(from, end);
      from = end + 1;
      const line = begun.length === 0 ? last : Buffer.concat([...begun, last]);
      begun = [];
      if (line.length > 0) yield line;
    }
    if (from < piece.length) begun.push(piece.subarray(from));
  }
  if (begun.length > 0) throw new TruncatedLineError(Buffer.concat(begun));
}

/** The stream ended in the middle of a line. */
export class TruncatedLineError extends Error {
  /** What came of it. */
  readonly line: Uint8Array;

  constructor(line: Uint8Array) {
    super('the answer ended in the middle of a line');
    this.name = 'TruncatedLineError';
    this.line = line;
  }
}
