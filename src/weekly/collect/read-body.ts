import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, constants } from 'node:zlib';
import type { Permits } from './permits.ts';

/** A body that is longer than is allowed, as it came or decompressed. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';

  constructor(maxBytes: number) {
    super(`the body is longer than ${maxBytes} bytes`);
  }
}

/** What bounds the reading of a body. */
export interface BodyLimits {
  /** Decompressed. */
  readonly maxBytes: number;
  /** A body longer than this is read on only with one of `largeBodies`; so many small ones may be read at once. */
  readonly smallBytes: number;
  readonly largeBodies: Permits;
}

/**
 * Reads a body to its end and decompresses it. No more than the limit is ever held, however much a few bytes decompress to. A body
 * whose compression ends too early is what came out of it; one that is not compressed as it says is taken as it is.
 *
 * @throws TooLargeError when it is longer than the limit; the rest is not read.
 */
export async function readBody(
  body: Readable,
  contentEncoding: string | undefined,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  const coding = codings.filter((one) => one !== '' && one !== 'identity');
  if (coding.length > 1) throw new Error(`the body is encoded ${coding.length} times, which no browser accepts`);
  const raw = new BoundedBytes(limits);
  try {
    for await (const chunk of body) await raw.add(chunk as Uint8Array);
    const bytes = raw.bytes();
    const decoder = coding[0] === undefined ? undefined : decoderOf(coding[0], bytes);
    return decoder === undefined ? bytes : await decompress(decoder, bytes, raw, limits);
  } finally {
    body.destroy();
    raw.release();
  }
}

/** Collects chunks up to a limit; beyond a small size it waits for a permit. */
class BoundedBytes {
  readonly #limits: BodyLimits;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #release: (() => void) | undefined;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#length += chunk.length;
    if (this.#length > this.#limits.maxBytes) throw new TooLargeError(this.#limits.maxBytes);
    if (this.#length > this.#limits.smallBytes) this.#release ??= await this.#limits.largeBodies.acquire();
    this.#chunks.push(chunk);
  }

  bytes(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    return bytes;
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

async function decompress(
  decoder: Decoder,
  bytes: Uint8Array,
  out: BoundedBytes,
  limits: BodyLimits,
): Promise<Uint8Array> {
  let isTooLarge = false;
  try {
    decoder.end(bytes);
    for await (const chunk of decoder) {
      try {
        await out.add(chunk as Uint8Array);
      } catch (error) {
        isTooLarge = true;
        throw error;
      }
    }
  } catch (error) {
    const partial = out.bytes();
    if (isTooLarge || partial.length === 0) throw isTooLarge ? new TooLargeError(limits.maxBytes) : error;
    return partial;
  } finally {
    decoder.destroy();
  }
  return out.bytes();
}

type Decoder = ReturnType<typeof createGunzip>;

/** What decompresses bytes that are said to be in a coding, or undefined if they are evidently not. */
function decoderOf(coding: string, bytes: Uint8Array): Decoder | undefined {
  const [first, second] = bytes;
  if (first === undefined) return undefined;
  if (coding === 'gzip' || coding === 'x-gzip')
    return first === 0x1f && second === 0x8b ? createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }) : undefined;
  if (coding === 'br')
    return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }) as unknown as Decoder;
  if (coding !== 'deflate') throw new Error(`the encoding ${coding} of the body is not known`);
  // what HTTP calls deflate is zlib's format, which many servers send without its head
  const hasHead = (first & 0x0f) === 8 && ((first << 8) + (second ?? 0)) % 31 === 0;
  return (hasHead ? createInflate : createInflateRaw)({ finishFlush: constants.Z_SYNC_FLUSH }) as unknown as Decoder;
}
