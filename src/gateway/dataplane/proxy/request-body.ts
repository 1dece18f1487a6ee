import type { HeaderList } from '../http/header-list.ts';
import type { ClientStream, ServerStream } from '../http/message.ts';

/** Who gets a copy of a body. */
export interface BodyCopy {
  write(chunk: Buffer): void;
  end(trailers?: HeaderList): void;
}

const NO_CHUNKS: readonly Buffer[] = [];

/**
 * The body of a request on its way to a backend: no faster than that takes it, kept as long as it may have to be sent again,
 * and copied to mirrors.
 */
export class RequestBody {
  /** The client has sent all of it. */
  ended: boolean;
  /** It has none at all. */
  readonly empty: boolean;
  /** All of it, so far. */
  bytes = 0;
  readonly #stream: ServerStream;
  readonly #limitBytes: number;
  readonly #copies: BodyCopy[] = [];
  #kept: Buffer[] | undefined;
  #keptBytes = 0;
  #sink: ClientStream | undefined;
  #trailers: HeaderList | undefined;
  #again = false;
  #wantedBytes = 0;
  #onWanted: (() => void) | undefined;

  /** Of no more than `limitBytes` something can be sent twice. */
  constructor(stream: ServerStream, limitBytes: number) {
    this.#stream = stream;
    this.#limitBytes = limitBytes;
    this.empty = stream.requestEnded;
    this.ended = stream.requestEnded;
  }

  /** Whether a further attempt can have all of it. */
  get replayable(): boolean {
    return this.empty || this.bytes === this.#keptBytes;
  }

  /** It may have to be sent again. */
  keep(): void {
    this.#again = true;
  }

  /** Who is added before the body is read has all of it. */
  copyTo(copy: BodyCopy): void {
    this.#copies.push(copy);
    for (const chunk of this.#kept ?? NO_CHUNKS) copy.write(chunk);
    if (this.ended) copy.end(this.#trailers);
  }

  /** Calls back when so much of it is there, or all of it: with what there is. */
  collect(bytes: number, collected: (body: Buffer) => void): void {
    this.#wantedBytes = bytes;
    this.#onWanted = () => collected(Buffer.concat(this.#kept ?? []).subarray(0, bytes));
    if (!this.#collectedEnough()) this.#stream.readBody();
  }

  /** Where it goes, from its beginning. */
  attach(sink: ClientStream): void {
    this.#sink = sink;
    if (this.empty) return;
    let full = false;
    for (const chunk of this.#kept ?? NO_CHUNKS) full = !sink.write(chunk) || full;
    if (!this.#again) this.#drop();
    if (this.ended) {
      sink.end(this.#trailers);
      return;
    }
    this.#stream.readBody();
    if (full) this.#stream.pause();
    else this.#stream.resume();
  }

  /** The attempt is over; what comes waits for the next. */
  detach(): void {
    this.#sink = undefined;
  }

  /** The sink goes on taking it. */
  drained(): void {
    this.#stream.resume();
  }

  /** For the stream. */
  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (const copy of this.#copies) copy.write(chunk);
    if (this.#sink === undefined || (this.#again && this.replayableWith(chunk))) this.#keep(chunk);
    else this.#drop();
    if (this.#sink !== undefined) {
      if (!this.#sink.write(chunk)) this.#stream.pause();
    } else if (this.#collectedEnough() || (this.#onWanted === undefined && this.#keptBytes >= this.#limitBytes)) {
      this.#stream.pause();
    }
  }

  /** For the stream. */
  end(trailers?: HeaderList): void {
    this.ended = true;
    this.#trailers = trailers;
    for (const copy of this.#copies) copy.end(trailers);
    this.#sink?.end(trailers);
    this.#collectedEnough();
  }

  /** Whether it was kept so far, and can be with one chunk more. */
  replayableWith(chunk: Buffer): boolean {
    return this.bytes - chunk.length === this.#keptBytes && this.bytes <= this.#limitBytes;
  }

  #keep(chunk: Buffer): void {
    this.#kept ??= [];
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
  }

  #drop(): void {
    this.#kept = undefined;
    this.#keptBytes = 0;
  }

  #collectedEnough(): boolean {
    if (this.#onWanted === undefined || (!this.ended && this.#keptBytes < this.#wantedBytes)) return false;
    const onWanted = this.#onWanted;
    this.#onWanted = undefined;
    onWanted();
    return true;
  }
}
