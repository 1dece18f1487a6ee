import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { DamagedError } from './errors.ts';

/** Offsets in LMDB's first two pages, each of which describes the whole file; the one of the newer transaction holds. */
const meta = { magicAt: 24, pageBytesAt: 48, treesAt: 48, lastPageAt: 144, transactionAt: 152, length: 160 } as const;
const magic = 0xbeefc0de;

/** A tree's description in a meta page: the one of free pages, then the one of the data. */
const tree = { bytes: 48, depthAt: 6, rootAt: 40, none: 0xffff_ffff_ffff_ffffn } as const;

/** A page: its own number, flags, the ends of its two areas (counted from the header's end), then offsets of nodes. */
const page = { numberAt: 0, flagsAt: 18, lowerAt: 20, upperAt: 22, headerBytes: 24, branch: 1, leaf: 2 } as const;

/** A node: data size or child page, flags, key size, then key and data. Large data is on pages of its own. */
const node = { headerBytes: 8, flagsAt: 4, keySizeAt: 6, large: 1 } as const;
const largeReference = { bytes: 24, pagesAt: 16 } as const;

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly trees: readonly { readonly root: bigint; readonly depth: number }[];
}

/**
 * Checks that LMDB can read a file: it maps the file into memory, believes what it finds, and takes the process with
 * it when that is wrong. The contents of records are not looked at.
 *
 * `trees` also walks all pages in use, which nobody may write to meanwhile; it costs a read a page.
 *
 * @throws DamagedError
 */
export function checkLmdbFile(path: string, { trees }: { readonly trees: boolean }): void {
  if (!existsSync(path)) throw new DamagedError(path, 'the file is missing');
  const fd = openSync(path, 'r');
  try {
    const first = readMeta(fd, 0);
    if (!first) throw new DamagedError(path, 'it is not a database');
    const second = readMeta(fd, first.pageBytes);
    if (second?.pageBytes !== first.pageBytes) throw new DamagedError(path, 'its second header is damaged');
    const newest = second.transaction > first.transaction ? second : first;
    const expected = (newest.lastPage + 1) * newest.pageBytes;
    const { size } = fstatSync(fd);
    if (size < expected) throw new DamagedError(path, `it was cut off: it has ${size} bytes instead of ${expected}`);
    if (trees) new TreeCheck(path, fd, newest).run();
  } finally {
    closeSync(fd);
  }
}

function readMeta(fd: number, at: number): Meta | undefined {
  const bytes = Buffer.alloc(meta.length);
  if (readSync(fd, bytes, 0, bytes.length, at) < bytes.length) return undefined;
  const pageBytes = bytes.readUInt32LE(meta.pageBytesAt);
  if (bytes.readUInt32LE(meta.magicAt) !== magic || pageBytes < 512 || pageBytes > 65_536) return undefined;
  const trees = [meta.treesAt, meta.treesAt + tree.bytes].map((treeAt) => ({
    root: bytes.readBigUInt64LE(treeAt + tree.rootAt),
    depth: bytes.readUInt16LE(treeAt + tree.depthAt),
  }));
  const lastPage = Number(bytes.readBigUInt64LE(meta.lastPageAt));
  return { pageBytes, lastPage, transaction: bytes.readBigUInt64LE(meta.transactionAt), trees };
}

/** A walk over all pages that the trees of a file use. */
class TreeCheck {
  readonly #path: string;
  readonly #fd: number;
  readonly #meta: Meta;
  /** A bit for each page that was met, since none may be used twice. */
  readonly #met: Uint8Array;
  /** A page for each level of the tree, used again and again. */
  readonly #buffers: Buffer[] = [];

  constructor(path: string, fd: number, meta: Meta) {
    this.#path = path;
    this.#fd = fd;
    this.#meta = meta;
    this.#met = new Uint8Array((meta.lastPage >> 3) + 1);
  }

  run(): void {
    for (const { root, depth } of this.#meta.trees) {
      if (root !== tree.none) this.#checkPage(Number(root), depth);
    }
  }

  /** `height`: how many levels there are from this page to the leaves, both included. */
  #checkPage(number: number, height: number): void {
    this.#meet(number, 1);
    const bytes = this.#read(number, height);
    const flags = bytes.readUInt16LE(page.flagsAt) & 0x0f;
    if (Number(bytes.readBigUInt64LE(page.numberAt)) !== number || flags !== (height > 1 ? page.branch : page.leaf)) {
      this.#fail(number);
    }
    const lower = bytes.readUInt16LE(page.lowerAt);
    const upper = bytes.readUInt16LE(page.upperAt);
    const nodes = lower >> 1;
    if (lower > upper || page.headerBytes + upper > bytes.length || nodes === 0) this.#fail(number);
    for (let i = 0; i < nodes; i++) {
      const at = page.headerBytes + bytes.readUInt16LE(page.headerBytes + 2 * i);
      if (at < page.headerBytes + upper || at + node.headerBytes > bytes.length) this.#fail(number);
      if (height > 1) this.#checkPage(childOf(bytes, at), height - 1);
      else this.#checkLeafNode(number, bytes, at);
    }
  }

  #checkLeafNode(number: number, bytes: Buffer, at: number): void {
    const dataAt = at + node.headerBytes + bytes.readUInt16LE(at + node.keySizeAt);
    const size = bytes.readUInt32LE(at);
    const flags = bytes.readUInt16LE(at + node.flagsAt);
    const inPage = flags === node.large ? largeReference.bytes : size;
    if ((flags !== 0 && flags !== node.large) || dataAt + inPage > bytes.length) this.#fail(number);
    if (flags !== node.large) return;
    const pages = Number(bytes.readBigUInt64LE(dataAt + largeReference.pagesAt));
    if (pages !== Math.ceil((page.headerBytes + size) / this.#meta.pageBytes)) this.#fail(number);
    this.#meet(Number(bytes.readBigUInt64LE(dataAt)), pages);
  }

  /** Takes note of pages in use. */
  #meet(number: number, pages: number): void {
    if (number < 2 || number + pages - 1 > this.#meta.lastPage) this.#fail(number);
    for (let i = number; i < number + pages; i++) {
      const bit = 1 << (i & 7);
      if (this.#met[i >> 3]! & bit) this.#fail(i);
      this.#met[i >> 3]! |= bit;
    }
  }

  #read(number: number, height: number): Buffer {
    const { pageBytes } = this.#meta;
    const bytes = (this.#buffers[height] ??= Buffer.alloc(pageBytes));
    if (readSync(this.#fd, bytes, 0, pageBytes, number * pageBytes) < pageBytes) this.#fail(number);
    return bytes;
  }

  #fail(number: number): never {
    throw new DamagedError(this.#path, `its page ${number} is damaged`);
  }
}

/** The page that a node of a branch leads to: 48 bits in three pieces. */
function childOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt16LE(at + node.flagsAt) * 2 ** 32;
}
