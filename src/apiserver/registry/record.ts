import {
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  parseJson,
  setMember,
  stringifyJson,
} from 'nekube/apimachinery';
import type { Entry } from 'nekube/storage';

/**
 * How an object lies in storage: its JSON in the hub version, without kind, apiVersion and resourceVersion, after a
 * header of four bytes that says where in `metadata` the resourceVersion belongs.
 *
 * So the bytes are written once: the revision, which is known only when the write is, is spliced in when they are
 * read, and the same bytes serve GET (with kind and apiVersion before them) and LIST (without).
 */
export interface Slices {
  /** `{"metadata":{…,"uid":"…"` */
  readonly head: Buffer;
  /** `,"creationTimestamp":…}` to the end. */
  readonly tail: Buffer;
}

const HEADER_BYTES = 4;

/**
 * The bytes of an object in canonical order (see `normalize`); kind, apiVersion, resourceVersion and selfLink are left out.
 *
 * @param versioned keeps the apiVersion, for kinds whose storage version may change
 */
export function encodeRecord(object: KubeObject, versioned = false): Buffer {
  const { apiVersion, metadata } = object;
  const meta: Record<string, unknown> = {};
  for (const field in metadata)
    if (field !== 'resourceVersion' && field !== 'selfLink') meta[field] = metadata[field as keyof ObjectMeta];
  const stored = (versioned ? { apiVersion, metadata: meta } : { metadata: meta }) as JsonObject;
  for (const field in object)
    if (field !== 'kind' && field !== 'apiVersion' && field !== 'metadata') setMember(stored, field, object[field]);
  const text = stringifyJson(stored);
  const offset = spliceOffset(text, metadata.uid);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
  bytes.writeUInt32BE(offset, 0);
  bytes.write(text, HEADER_BYTES);
  return bytes;
}

/** In bytes; everything before the uid of an object is ASCII, since names are. */
function spliceOffset(text: string, uid: string | undefined): number {
  const marker = `"uid":"${uid}"`;
  const at = text.indexOf(marker);
  if (uid === undefined || at < 0) throw new TypeError('an object without a uid cannot be stored');
  return Buffer.byteLength(text.slice(0, at + marker.length));
}

/** The two parts of a record around its resourceVersion; they share the record's memory. */
export function slicesOf(entry: Entry): Slices {
  const bytes = asBuffer(entry.value);
  const offset = HEADER_BYTES + bytes.readUInt32BE(0);
  return { head: bytes.subarray(HEADER_BYTES, offset), tail: bytes.subarray(offset) };
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** The object of a record, with its resourceVersion (or the given one) and the given kind and apiVersion. */
export function decodeRecord(entry: Entry, apiVersion: string, kind: string, revision = entry.modRevision): KubeObject {
  const stored = parseRecord(entry);
  const object: KubeObject = { kind, apiVersion, metadata: stored.metadata };
  for (const field in stored) if (field !== 'apiVersion') setMember(object as never, field, stored[field]);
  object.metadata = withVersion(stored.metadata, String(revision));
  return object;
}

function parseRecord(entry: Entry): KubeObject {
  return parseJson(asBuffer(entry.value).toString('utf8', HEADER_BYTES)) as unknown as KubeObject;
}

/** The version in which a custom resource is stored; undefined for other kinds, and for objects of old. */
export function storedVersionOf(entry: Entry): string | undefined {
  return parseRecord(entry).apiVersion;
}

/** The metadata with its resourceVersion at its place, which is after the uid. */
function withVersion(metadata: ObjectMeta, resourceVersion: string): ObjectMeta {
  const versioned: Record<string, unknown> = {};
  for (const field in metadata) {
    versioned[field] = metadata[field as keyof ObjectMeta];
    if (field === 'uid') versioned.resourceVersion = resourceVersion;
  }
  versioned.resourceVersion ??= resourceVersion;
  return versioned as ObjectMeta;
}

/**
 * The JSON of a record as GET answers it, without the newline at its end.
 *
 * @param typeMeta `"kind":"Pod","apiVersion":"v1",`, or empty for an item of a list; ASCII, as `after` is.
 * @param after what follows, such as the newline.
 */
export function recordJson(entry: Entry, typeMeta: string, revision = entry.modRevision, after = ''): Buffer {
  const { head, tail } = slicesOf(entry);
  const version = `,"resourceVersion":"${revision}"`;
  const bytes = Buffer.allocUnsafe(typeMeta.length + head.length + version.length + tail.length + after.length);
  let at = bytes.write(`{${typeMeta}`, 0, 'latin1');
  at += head.copy(bytes, at, 1);
  at += bytes.write(version, at, 'latin1');
  at += tail.copy(bytes, at);
  bytes.write(after, at, 'latin1');
  return bytes;
}

/** How many bytes {@link writeItem} writes. */
export function itemBytes({ value, modRevision }: Entry): number {
  return value.length - HEADER_BYTES + VERSION_BYTES + String(modRevision).length;
}

/** Writes a record as an item of a list, as {@link recordJson} gives it, to a place in `target`; returns where it ends. */
export function writeItem({ value, modRevision }: Entry, target: Buffer, start: number): number {
  const split = HEADER_BYTES + ((value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!);
  const bytes = asBuffer(value);
  let at = start + bytes.copy(target, start, HEADER_BYTES, split);
  at += target.write(`,"resourceVersion":"${modRevision}"`, at, 'latin1');
  return at + bytes.copy(target, at, split);
}

/** Of `,"resourceVersion":""`. */
const VERSION_BYTES = 21;

/** True when both records hold the same object, whatever their revisions. */
export function sameRecord(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
