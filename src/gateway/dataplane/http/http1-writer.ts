import type { Socket } from 'node:net';
import type { HeaderList } from './header-list.ts';

/** So much is joined to one write: a text of this size goes to the kernel without a request of its own. */
const MOST_HELD = 16_000;

/** What is no byte: of such a character the last byte alone would be written, and that may be a line end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all bytes are meant
const NO_BYTE = /[^\0-\xff]/;

/** Writes messages of HTTP/1.1; what comes at the same time goes out together. */
export class Http1Writer {
  readonly #socket: Socket;
  #held = '';
  #scheduled = false;
  #chunked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** A message begins; `chunked` says how its body goes. */
  begin(head: string, chunked: boolean): void {
    this.#chunked = chunked;
    this.#hold(head);
  }

  /** @returns false if no more should come until the socket's `drain` */
  write(chunk: Buffer): boolean {
    const { length } = chunk;
    if (length === 0) return true;
    const before = this.#chunked ? `${length.toString(16)}\r\n` : '';
    const after = this.#chunked ? '\r\n' : '';
    if (length + this.#held.length < MOST_HELD) {
      this.#hold(before + chunk.toString('latin1', 0, length) + after);
      return !this.#socket.writableNeedDrain;
    }
    this.#socket.cork();
    this.#hold(before);
    this.flush();
    this.#socket.write(chunk);
    if (after !== '') this.#socket.write(after, 'latin1');
    this.#socket.uncork();
    return !this.#socket.writableNeedDrain;
  }

  /** The body is over. */
  end(): void {
    if (this.#chunked) this.#hold('0\r\n\r\n');
    this.#chunked = false;
  }

  /** What is held goes out now. */
  flush(): void {
    if (this.#held === '') return;
    const held = this.#held;
    this.#held = '';
    if (!this.#socket.destroyed) this.#socket.write(held, 'latin1');
  }

  #hold(text: string): void {
    this.#held += text;
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(flushLater, this);
  }

  /** @internal */
  flushScheduled(): void {
    this.#scheduled = false;
    this.flush();
  }
}

function flushLater(writer: Http1Writer): void {
  writer.flushScheduled();
}

/** A head as it goes over the wire. @throws TypeError if a part of it is no bytes */
export function headText(firstLine: string, headers: HeaderList, more: string): string {
  const { flat } = headers;
  let text = `${firstLine}\r\n`;
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`;
  if (NO_BYTE.test(text)) throw new TypeError('a head has characters that are no bytes');
  return `${text}${more}\r\n`;
}
