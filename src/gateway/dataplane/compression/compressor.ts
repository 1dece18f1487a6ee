import { type BrotliCompress, constants, createBrotliCompress, createGzip, type Gzip } from 'node:zlib';
import type { RouteSettings } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ResponseMessage, ServerStream } from '../http/message.ts';
import { addVary, type Coding, codingFor, isCompressible, markCompressed } from './negotiate.ts';

/** The quality of Brotli in Envoy: better ones are too slow for answers that are made now. */
const BROTLI_QUALITY = 3;

/** The parts of an answer's way out that a compressor needs. */
export interface CompressedAnswer {
  readonly stream: ServerStream;
  /** More may be given. */
  drained(): void;
  ended(trailers: HeaderList | undefined): void;
  failed(): void;
}

/** Begins to compress an answer if the client and the answer allow it; says so in its headers. */
export function startCompression(
  kinds: NonNullable<RouteSettings['compression']>,
  accepted: string | undefined,
  response: ResponseMessage,
  answer: CompressedAnswer,
): Compressor | undefined {
  if (!isCompressible(response)) return undefined;
  addVary(response.headers);
  const coding = codingFor(kinds, accepted);
  if (coding === undefined) return undefined;
  markCompressed(response.headers, coding);
  return new Compressor(coding, answer);
}

/** Compresses an answer as it comes; each piece goes out at once, so that who waits for a part of it gets it. */
export class Compressor {
  readonly #zip: Gzip | BrotliCompress;
  readonly #stream: ServerStream;
  /** Of what was sent. */
  bytes = 0;
  #trailers: HeaderList | undefined;

  constructor(coding: Coding, answer: CompressedAnswer) {
    this.#stream = answer.stream;
    this.#zip =
      coding === 'gzip'
        ? createGzip({ flush: constants.Z_SYNC_FLUSH })
        : createBrotliCompress({
            flush: constants.BROTLI_OPERATION_FLUSH,
            params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
          });
    this.#zip.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (!this.#stream.write(chunk)) this.#zip.pause();
    });
    this.#zip.on('drain', () => answer.drained());
    this.#zip.on('end', () => answer.ended(this.#trailers));
    this.#zip.on('error', () => answer.failed());
  }

  /** @returns false if no more should be given until it drained */
  write(chunk: Buffer): boolean {
    return this.#zip.write(chunk);
  }

  end(trailers: HeaderList | undefined): void {
    this.#trailers = trailers;
    this.#zip.end();
  }

  /** The client goes on reading. */
  resume(): void {
    this.#zip.resume();
  }

  /** Nobody wants the rest. */
  destroy(): void {
    this.#zip.destroy();
  }
}
