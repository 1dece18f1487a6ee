// HTTP/1.1 over one TLS connection, one request after the other, with as little work as possible, so that what is
// measured is the server: answers are counted, not kept, but for their beginning.
import { connect } from 'node:tls';

const keptBytes = 10_000;
const headEnd = Buffer.from('\r\n\r\n');

/** A connection that is kept. */
export class Connection {
  #socket;
  #waiting;
  #answer;

  /** Connects to `https://HOST:PORT`. */
  static open(url) {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const options = { host: hostname, port: Number(port), ALPNProtocols: ['http/1.1'], rejectUnauthorized: false };
      const socket = connect(options, () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
      socket.once('error', reject);
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  /** Sends a request, head and body; gives {code, bytes, text} of the answer, `text` being its beginning. */
  send(head, body) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#answer = new Answer();
      this.#socket.write(head + body);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    if (!this.#answer?.take(chunk)) return;
    const answer = this.#answer;
    const { resolve } = this.#waiting;
    this.#answer = undefined;
    this.#waiting = undefined;
    resolve(answer);
  }
}

/** An answer on its way. */
class Answer {
  code = 0;
  bytes = 0;
  #head = Buffer.alloc(0);
  /** Bytes of the body, or of the chunk, that are to come; chunks are read until one of no bytes. */
  #left = -1;
  #chunked = false;
  /** A piece of a line that gives a chunk's length. */
  #line = '';
  #kept = [];
  #keptBytes = 0;

  /** The beginning of the body. */
  get text() {
    return Buffer.concat(this.#kept).toString();
  }

  /** Takes bytes; true when it is complete. */
  take(chunk) {
    if (this.code === 0) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf(headEnd);
      if (end < 0) return false;
      this.#readHead(this.#head.toString('latin1', 0, end));
      return this.#takeBody(this.#head, end + headEnd.length);
    }
    return this.#takeBody(chunk, 0);
  }

  #readHead(head) {
    this.code = Number(head.slice(9, 12));
    this.#chunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    this.#left = this.#chunked ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  }

  #takeBody(chunk, from) {
    if (!this.#chunked) {
      this.#keep(chunk, from, chunk.length);
      this.#left -= chunk.length - from;
      return this.#left <= 0;
    }
    for (let at = from; at < chunk.length; ) {
      if (this.#left > 0) {
        const end = Math.min(at + this.#left, chunk.length);
        this.#keep(chunk, at, end);
        this.#left -= end - at;
        at = end;
        continue;
      }
      const lineEnd = chunk.indexOf(10, at);
      this.#line += chunk.toString('latin1', at, lineEnd < 0 ? chunk.length : lineEnd);
      if (lineEnd < 0) return false;
      at = lineEnd + 1;
      if (this.#endOfLine()) return true;
    }
    return false;
  }

  /** A line between chunks: empty after one, a length before one, and an empty one after the last length. */
  #endOfLine() {
    const line = this.#line.trim();
    this.#line = '';
    if (line === '') return this.#left < 0;
    this.#left = Number.parseInt(line, 16);
    if (this.#left === 0) this.#left = -1;
    return false;
  }

  #keep(chunk, from, to) {
    this.bytes += to - from;
    if (this.#keptBytes >= keptBytes || from >= to) return;
    this.#kept.push(chunk.subarray(from, Math.min(to, from + keptBytes)));
    this.#keptBytes += to - from;
  }
}
