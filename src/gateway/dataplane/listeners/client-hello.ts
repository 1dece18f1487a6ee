/** What the first bytes of a connection are. */
export type FirstBytes =
  /** They go on. */
  | { readonly type: 'more' }
  /** A ClientHello, with the name that it asks for (lower case). */
  | { readonly type: 'tls'; readonly serverName: string | undefined; readonly alpn: readonly string[] }
  | { readonly type: 'not-tls' };

const MORE: FirstBytes = { type: 'more' };
const NOT_TLS: FirstBytes = { type: 'not-tls' };
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;
/** Of a record (RFC 8446, 5.1). */
const MOST_RECORD_BYTES = 16_384;
/** A ClientHello with keys against quantum computers has some 2 KiB; nobody needs so much. */
const MOST_HELLO_BYTES = 65_536;

/**
 * Reads the ClientHello of TLS 1.0 to 1.3 at the beginning of a connection, also when it is cut into records anywhere. What is
 * malformed is not TLS. Nothing is believed of lengths: each is held against what is there.
 */
export function readClientHello(bytes: Buffer): FirstBytes {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return NOT_TLS;
  const handshake = joinRecords(bytes);
  if (handshake === undefined) return NOT_TLS;
  if (handshake.length >= 1 && handshake[0] !== CLIENT_HELLO) return NOT_TLS;
  if (handshake.length < 4) return MORE;
  const length = handshake.readUIntBE(1, 3);
  if (length > MOST_HELLO_BYTES) return NOT_TLS;
  if (handshake.length < 4 + length) return MORE;
  return readExtensions(new Reader(handshake.subarray(4, 4 + length)));
}

/** What records of handshakes say so far; undefined if there are others. */
function joinRecords(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== HANDSHAKE || (bytes[at + 1] ?? 3) !== 3) return undefined;
    if (at + 5 > bytes.length) break;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MOST_RECORD_BYTES) return undefined;
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
    if (isWhole(parts)) break;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** Whether the hello is there: what follows need be no record of a handshake. */
function isWhole(parts: readonly Buffer[]): boolean {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  if (total < 4) return false;
  const head = Buffer.concat(parts, Math.min(total, 4));
  return total >= 4 + head.readUIntBE(1, 3);
}

function readExtensions(hello: Reader): FirstBytes {
  // version, random, session, cipher suites, compression methods
  hello.skip(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  if (hello.failed) return NOT_TLS;
  if (hello.left === 0) return { type: 'tls', serverName: undefined, alpn: [] };
  const extensions = new Reader(hello.vector(2));
  let serverName: string | undefined;
  let alpn: readonly string[] = [];
  while (extensions.left > 0 && !extensions.failed) {
    const type = extensions.number(2);
    const data = new Reader(extensions.vector(2));
    if (type === SERVER_NAME) serverName = readServerName(data);
    else if (type === ALPN) alpn = readProtocols(data);
    if (data.failed) return NOT_TLS;
  }
  return hello.failed || extensions.failed ? NOT_TLS : { type: 'tls', serverName, alpn };
}

function readServerName(data: Reader): string | undefined {
  const names = new Reader(data.vector(2));
  let found: string | undefined;
  while (names.left > 0 && !names.failed) {
    const type = names.number(1);
    const name = names.vector(2).toString('latin1').toLowerCase();
    if (type === 0) found ??= name;
  }
  return found === '' ? undefined : found;
}

function readProtocols(data: Reader): readonly string[] {
  const list = new Reader(data.vector(2));
  const protocols: string[] = [];
  while (list.left > 0 && !list.failed) protocols.push(list.vector(1).toString('latin1'));
  return protocols;
}

/** Reads numbers and what is preceded by its length; what is not there makes it fail, and reads as nothing. */
class Reader {
  failed = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  skip(length: number): void {
    this.#take(length);
  }

  number(size: 1 | 2): number {
    const bytes = this.#take(size);
    return bytes.length === 0 ? 0 : bytes.readUIntBE(0, size);
  }

  /** What follows a length of so many bytes. */
  vector(size: 1 | 2): Buffer {
    return this.#take(this.number(size));
  }

  #take(length: number): Buffer {
    if (this.failed || length > this.left) {
      this.failed = true;
      return Buffer.alloc(0);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
