import { crc32 } from 'node:zlib';
import type { JournalRecord } from './journal.ts';

const putFlag = 1;
const expiresFlag = 2;

/** Checksum, flags, key length, revision, create revision, expiry. Numbers are little-endian, revisions doubles. */
const headerBytes = 4 + 1 + 2 + 8 + 8 + 8;

/** So many bytes of UTF-8 fit into a key. */
export const longestKeyBytes = 0xffff;

/**
 * A version in bytes, as it is on disk and in snapshots: a header with a checksum, the key, the value.
 * @throws RangeError for a key of more than 65,535 bytes.
 */
export function encodeRecord({ key, revision, entry }: JournalRecord): Buffer {
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > longestKeyBytes) throw new RangeError(`key of ${keyBytes} bytes is longer than ${longestKeyBytes}`);
  const valueBytes = entry?.value.length ?? 0;
  const bytes = Buffer.allocUnsafe(headerBytes + keyBytes + valueBytes);
  bytes[4] = (entry ? putFlag : 0) | (entry?.expiresAt === undefined ? 0 : expiresFlag);
  bytes.writeUInt16LE(keyBytes, 5);
  bytes.writeDoubleLE(revision, 7);
  bytes.writeDoubleLE(entry?.createRevision ?? 0, 15);
  bytes.writeDoubleLE(entry?.expiresAt ?? 0, 23);
  bytes.write(key, headerBytes);
  if (entry) bytes.set(entry.value, headerBytes + keyBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** The version that the bytes hold, or undefined if they are damaged. The value shares the bytes. */
export function decodeRecord(bytes: Buffer): JournalRecord | undefined {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) return undefined;
  const flags = bytes[4]!;
  const valueAt = headerBytes + bytes.readUInt16LE(5);
  if (valueAt > bytes.length) return undefined;
  const key = bytes.toString('utf8', headerBytes, valueAt);
  const revision = bytes.readDoubleLE(7);
  if ((flags & putFlag) === 0) return { key, revision, entry: undefined };
  const createRevision = bytes.readDoubleLE(15);
  const expiresAt = flags & expiresFlag ? bytes.readDoubleLE(23) : undefined;
  return {
    key,
    revision,
    entry: { key, value: bytes.subarray(valueAt), createRevision, modRevision: revision, expiresAt },
  };
}
