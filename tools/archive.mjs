// Reads one file out of a .tgz or a .zip, with nothing but node:zlib: enough for what the tools download.
import { gunzipSync, inflateRawSync } from 'node:zlib';

const BLOCK = 512;

/** The bytes of the file called `name` in a gzipped tar archive; undefined when it is not in it. */
export function fromTgz(bytes, name) {
  const tar = gunzipSync(bytes);
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const entry = text(tar.subarray(at, at + 100));
    if (entry === '') return undefined;
    const size = Number.parseInt(text(tar.subarray(at + 124, at + 136)), 8);
    if (entry === name) return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function text(field) {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end).trim();
}

/** The bytes of the file called `name` in a zip archive; undefined when it is not in it. */
export function fromZip(bytes, name) {
  for (const [entry, at] of entriesOfZip(bytes)) if (entry === name) return unpack(bytes, at);
  return undefined;
}

/** All files of a zip archive, one after another: name and bytes. */
export function* filesOfZip(bytes) {
  for (const [name, at] of entriesOfZip(bytes)) yield [name, unpack(bytes, at)];
}

function* entriesOfZip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    yield [bytes.toString('utf8', at + 46, at + 46 + lengths[0]), at];
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
}

/** `at` is the entry in the central directory; the data stands behind a header of its own elsewhere. */
function unpack(bytes, at) {
  const method = bytes.readUInt16LE(at + 10);
  const header = bytes.readUInt32LE(at + 42);
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const data = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
  return method === 0 ? data : inflateRawSync(data);
}
