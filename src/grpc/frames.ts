const HEAD_BYTES = 5;

/** A message too large for who takes it. */
export class FrameError extends Error {
  /** Absent: what came is no message. */
  readonly length: number | undefined;

  constructor(text: string, length?: number) {
    super(text);
    this.name = 'FrameError';
    this.length = length;
  }
}

/** A message of gRPC as it is sent, not compressed. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, HEAD_BYTES);
  return bytes;
}

/** A message of pieces that follow each other, as it is sent: none of them is copied. */
export function framedPieces(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(
    pieces.reduce((sum, { length }) => sum + length, 0),
    1,
  );
  return [head, ...pieces];
}

/** Cuts what comes in pieces into messages of gRPC. */
export class MessageFrames {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param most how many bytes a message may have */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** The messages that are whole with this piece. @throws FrameError */
  take(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: Buffer[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): Buffer | undefined {
    if (this.#size < HEAD_BYTES) return undefined;
    if (this.#chunks[0]!.length < HEAD_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    const head = this.#chunks[0]!;
    const length = head.readUInt32BE(1);
    if (head[0] !== 0) throw new FrameError('grpc: compressed flag set with identity or empty encoding');
    if (length > this.#most)
      throw new FrameError(`grpc: received message larger than max (${length} vs. ${this.#most})`, length);
    const end = HEAD_BYTES + length;
    if (this.#size < end) return undefined;
    const bytes = this.#chunks.length === 1 ? head : Buffer.concat(this.#chunks);
    this.#chunks = [bytes.subarray(end)];
    this.#size -= end;
    return bytes.subarray(HEAD_BYTES, end);
  }
}
