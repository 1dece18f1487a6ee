import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { HEADER_DICTIONARY } from './dictionary.ts';
import { SpdyError } from './spdy-error.ts';

/** Names in lower case, and their values; a name may have several. */
export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** zlib's header that says "32 KiB window, a dictionary was given", and the checksum of SPDY's dictionary. */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);
const FLAG_DICTIONARY = 0x20;
const METHOD_DEFLATE = 8;
/** How far back deflate can refer. */
const WINDOW_BYTES = 32 * 1024;
/** moby/spdystream's limits: how many headers a frame may have, and how long one of their names or values may be. */
const MAX_HEADERS = 1000;
const MAX_BLOCK_BYTES = 1024 * 1024;

/**
 * Writes the header blocks of one direction of a connection.
 *
 * All blocks are one stream of zlib. What is written here never refers back to earlier blocks, so no state has to be kept,
 * and each block can be compressed at once; it costs a few bytes a stream.
 */
export class HeaderWriter {
  #begun = false;

  write(fields: HeaderFields): Buffer {
    const block = deflateRawSync(blockOf(fields), { finishFlush: constants.Z_SYNC_FLUSH });
    const bytes = this.#begun ? block : Buffer.concat([ZLIB_HEADER, block]);
    this.#begun = true;
    return bytes;
  }
}

/**
 * Reads the header blocks of one direction of a connection.
 *
 * Every block ends at a byte (zlib's sync flush), so it can be expanded on its own, with what came before as its
 * dictionary. No block expands to more than 1 MiB.
 */
export class HeaderReader {
  #window: Buffer = Buffer.alloc(0);
  #begun = false;

  /** @throws SpdyError for what is not compressed or not built as it must be, or is too large */
  read(bytes: Buffer): HeaderFields {
    let packed = bytes;
    if (!this.#begun) packed = this.#begin(bytes);
    const block = this.#expand(packed);
    this.#window = Buffer.concat([this.#window, block]).subarray(-WINDOW_BYTES);
    return fieldsOf(block);
  }

  /** Takes zlib's header off. */
  #begin(bytes: Buffer): Buffer {
    this.#begun = true;
    if (bytes.length < 2 || (bytes[0]! & 0x0f) !== METHOD_DEFLATE || bytes.readUInt16BE() % 31 !== 0)
      throw new SpdyError('header block does not begin as zlib');
    if ((bytes[1]! & FLAG_DICTIONARY) === 0) return bytes.subarray(2);
    if (!bytes.subarray(2, 6).equals(ZLIB_HEADER.subarray(2)))
      throw new SpdyError('header block is of another dictionary');
    this.#window = HEADER_DICTIONARY;
    return bytes.subarray(6);
  }

  #expand(packed: Buffer): Buffer {
    try {
      return inflateRawSync(packed, {
        ...(this.#window.length > 0 && { dictionary: this.#window }),
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MAX_BLOCK_BYTES,
      });
    } catch (error) {
      throw new SpdyError('header block cannot be expanded', { cause: error });
    }
  }
}

function blockOf(fields: HeaderFields): Buffer {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), value]);
  }
  const parts = [uint32(values.size)];
  for (const [name, list] of values) parts.push(...counted(name), ...counted(list.join('\0')));
  return Buffer.concat(parts);
}

function counted(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [uint32(bytes.length), bytes];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function fieldsOf(block: Buffer): HeaderFields {
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new SpdyError('header block ends early');
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (length > block.length - at) throw new SpdyError('header block ends early');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  const count = number();
  if (count > MAX_HEADERS) throw new SpdyError(`more than ${MAX_HEADERS} headers in a frame`);
  const fields: [string, string][] = [];
  for (let i = 0; i < count; i++) {
    const name = text();
    if (name !== name.toLowerCase()) throw new SpdyError('a header name is not in lower case');
    for (const value of text().split('\0')) fields.push([name, value]);
  }
  if (at !== block.length) throw new SpdyError('header block goes on after its last header');
  return fields;
}
