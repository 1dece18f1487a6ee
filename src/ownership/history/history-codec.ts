import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type JsonValue, parseJson, stringifyJson } from 'nekube/apimachinery';
import type { AuditedWrite, RecordedChange, HistoryRecord, NewRecord, Writer } from './history-record.ts';
import type { KeptValue } from './kept-value.ts';
import type { ObjectState } from './object-state.ts';

/** How an entry is written: bits. Where all integers are numbers it is read by the quicker reader. */
const Form = { wide: 1, deflated: 2 } as const;

/** What is longer is deflated: LMDB gives a page of its own to what fills half of one. */
const longestPlain = 600;

/** Data as bytes, also with integers that no number holds. */
export function encodeData(data: unknown): Buffer {
  let form = 0;
  let text: string;
  try {
    text = JSON.stringify(data);
  } catch {
    form |= Form.wide;
    text = stringifyJson(data as JsonValue);
  }
  const bytes = Buffer.from(text);
  if (bytes.length <= longestPlain) return Buffer.concat([Buffer.of(form), bytes]);
  return Buffer.concat([Buffer.of(form | Form.deflated), deflateRawSync(bytes, { level: 1 })]);
}

/** What {@link encodeData} was given. */
export function decodeData<T>(bytes: Buffer): T {
  const form = bytes[0]!;
  const content = bytes.subarray(1);
  const text = (form & Form.deflated ? inflateRawSync(content) : content).toString();
  return (form & Form.wide ? parseJson(text) : JSON.parse(text)) as T;
}

/** Lists instead of names, since there are many. */
type PackedWriter = [manager: string, operation: 0 | 1, apiVersion: string, subresource: string, time: number | null];
type PackedValue = [value: JsonValue] | [hash: string, why: 's' | 'l', bytes: number];
type PackedChange = [path: string, value: PackedValue | 0, owners: number[], by: number[], isOwnersOnly?: 1];

interface PackedRecord {
  readonly o: number;
  readonly u: string;
  readonly t: HistoryRecord['type'];
  readonly v: string;
  readonly a: number;
  readonly s?: number;
  readonly c?: string;
  readonly w: PackedWriter[];
  readonly f: PackedChange[];
  readonly x?: AuditedWrite;
}

/** A record as bytes; its number is its key. */
export function encodeRecord({ object, uid, type, resourceVersion, seenAt, since, ...rest }: NewRecord): Buffer {
  const { controller, audited, writers, changes } = rest;
  return encodeData({
    o: object.id,
    u: uid,
    t: type,
    v: resourceVersion,
    a: seenAt,
    ...(since !== undefined && { s: since }),
    ...(controller !== undefined && { c: controller }),
    w: writers.map(packWriter),
    f: changes.map(packChange),
    ...(audited !== undefined && { x: audited }),
  } satisfies PackedRecord);
}

/** A record as it was; `object` finds objects by their numbers. */
export function decodeRecord(
  seq: number,
  bytes: Buffer,
  object: (id: number) => HistoryRecord['object'],
): HistoryRecord {
  const { o, u, t, v, a, s, c, w, f, x } = decodeData<PackedRecord>(bytes);
  return {
    seq,
    object: object(o),
    uid: u,
    type: t,
    resourceVersion: v,
    seenAt: a,
    ...(s !== undefined && { since: s }),
    ...(c !== undefined && { controller: c }),
    ...(x !== undefined && { audited: x }),
    writers: w.map(unpackWriter),
    changes: f.map(unpackChange),
  };
}

interface PackedState {
  readonly u: string;
  readonly v: string;
  readonly a: number;
  readonly p: 0 | 1;
  readonly s: number;
  readonly w: PackedWriter[];
  readonly f: [path: string, value: PackedValue, owners: number[]][];
}

/** A state as bytes. */
export function encodeState({ uid, resourceVersion, seenAt, isPresent, scope, writers, fields }: ObjectState): Buffer {
  return encodeData({
    u: uid,
    v: resourceVersion,
    a: seenAt,
    p: isPresent ? 1 : 0,
    s: scope,
    w: writers.map(packWriter),
    f: [...fields].map(([path, { value, owners }]) => [path, packValue(value), [...owners]]),
  } satisfies PackedState);
}

/** A state as it was. */
export function decodeState(bytes: Buffer): ObjectState {
  const { u, v, a, p, s, w, f } = decodeData<PackedState>(bytes);
  return {
    uid: u,
    resourceVersion: v,
    seenAt: a,
    isPresent: p === 1,
    scope: s,
    writers: w.map(unpackWriter),
    fields: new Map(f.map(([path, value, owners]) => [path, { value: unpackValue(value), owners }])),
  };
}

function packWriter({ manager, operation, apiVersion, subresource, time }: Writer): PackedWriter {
  return [manager, operation === 'Apply' ? 1 : 0, apiVersion, subresource, time ?? null];
}

function unpackWriter([manager, applied, apiVersion, subresource, time]: PackedWriter): Writer {
  const operation = applied === 1 ? 'Apply' : 'Update';
  return { manager, operation, apiVersion, subresource, ...(time !== null && { time }) };
}

function packValue(kept: KeptValue): PackedValue {
  return 'hash' in kept ? [kept.hash, kept.why === 'secret' ? 's' : 'l', kept.bytes] : [kept.value];
}

function unpackValue(packed: PackedValue): KeptValue {
  if (packed.length === 1) return { value: packed[0] };
  const [hash, why, bytes] = packed;
  return { hash, why: why === 's' ? 'secret' : 'long', bytes };
}

function packChange({ path, value, owners, by, isOwnersOnly }: RecordedChange): PackedChange {
  const packed: PackedChange = [path, value === undefined ? 0 : packValue(value), [...owners], [...by]];
  return isOwnersOnly ? ([...packed.slice(0, 4), 1] as unknown as PackedChange) : packed;
}

function unpackChange([path, value, owners, by, isOwnersOnly]: PackedChange): RecordedChange {
  const kept = value === 0 ? undefined : unpackValue(value);
  return { path, value: kept, owners, by, ...(isOwnersOnly === 1 && { isOwnersOnly: true }) };
}
