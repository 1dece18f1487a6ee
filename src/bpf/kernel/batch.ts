import { BpfError, isBpfError } from '../errors.ts';
import type { UpdateMode } from '../spec/map-store.ts';
import { isPerCpu } from '../spec/map-types.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import { decode, type KernelMap } from './map.ts';
import { tryBpf } from './syscall.ts';

/** Elements a call; more need more memory and are no faster. */
const CHUNK = 4096;
const MODES: Readonly<Record<UpdateMode, bigint>> = { any: 0n, add: 1n, change: 2n };

/**
 * Writes many elements by few calls, in their order. It stops at the first that is refused: those before it are written.
 * Kernels and kinds of maps without batches are given one element after another.
 *
 * @throws BpfError as `set`; its message tells how many were written.
 */
export function setBatch<K, V>(
  map: KernelMap<K, V>,
  entries: readonly (readonly [K, V])[],
  mode: UpdateMode = 'any',
): void {
  if (isPerCpu(map.spec.type)) {
    for (const [key, value] of entries) map.set(key, value, mode);
    return;
  }
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK);
    const keys = concatenated(map.spec.key.size, chunk, (view, at, [key]) => map.spec.key.write(view, at, key));
    const values = concatenated(map.valueBytes, chunk, (view, at, [, value]) => map.spec.value.write(view, at, value));
    const written = writeChunk(map, keys, values, chunk.length, mode);
    if (written === 'unsupported') for (const [key, value] of chunk) map.set(key, value, mode);
    else refuse(map, 'write', written.result, from + written.count, entries.length);
  }
}

/** As `setBatch`, with keys and values as the kernel has them. Not for per-CPU maps. */
export function setBatchBytes(map: KernelMap, entries: readonly (readonly [Uint8Array, Uint8Array])[]): void {
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK);
    const keys = joined(map.spec.key.size, chunk.length, (i) => (chunk[i] as (typeof chunk)[number])[0]);
    const values = joined(map.valueBytes, chunk.length, (i) => (chunk[i] as (typeof chunk)[number])[1]);
    const written = writeChunk(map, keys, values, chunk.length, 'any');
    if (written === 'unsupported') for (const [key, value] of chunk) map.setBytes(key, value);
    else refuse(map, 'write', written.result, from + written.count, entries.length);
  }
}

function writeChunk(map: KernelMap, keys: Uint8Array, values: Uint8Array, count: number, mode: UpdateMode) {
  const attributes = batch(map, keys, values, count).u64(40, MODES[mode]);
  const result = tryBpf(COMMAND.mapUpdateBatch, attributes);
  return isUnsupported(result) ? 'unsupported' : { result, count: attributes.readU32(32) };
}

/** Removes many elements by few calls; keys that are not there are left out. */
export function deleteBatch<K, V>(map: KernelMap<K, V>, keys: readonly K[]): void {
  for (let from = 0; from < keys.length; ) {
    const chunk = keys.slice(from, from + CHUNK);
    const bytes = concatenated(map.spec.key.size, chunk, (view, at, key) => map.spec.key.write(view, at, key));
    const attributes = batch(map, bytes, undefined, chunk.length);
    const result = tryBpf(COMMAND.mapDeleteBatch, attributes);
    if (isUnsupported(result)) {
      for (const key of chunk) map.delete(key);
      from += chunk.length;
    } else if (result === 'ENOENT')
      from += attributes.readU32(32) + 1; // it stopped at one that is not there
    else {
      refuse(map, 'delete from', result, from + attributes.readU32(32), keys.length);
      from += chunk.length;
    }
  }
}

/** All elements by few calls; of kinds without batches one after another. What is written meanwhile may be seen or not. */
export function getAll<K, V>(map: KernelMap<K, V>): [K, V][] {
  const { key, value } = map.spec;
  const found: [K, V][] = [];
  const keys = new Uint8Array(new ArrayBuffer(CHUNK * key.size));
  const values = new Uint8Array(new ArrayBuffer(CHUNK * map.valueBytes));
  let from: Uint8Array | undefined;
  for (;;) {
    // hash maps remember a bucket of four bytes, others a key
    const to = new Uint8Array(new ArrayBuffer(Math.max(4, key.size)));
    const attributes = batch(map, keys, values, CHUNK).pointer(0, from).pointer(8, to);
    const result = tryBpf(COMMAND.mapLookupBatch, attributes);
    if (isUnsupported(result) || result === 'ENOSPC') return [...map.entries()];
    if (result !== 'ENOENT') refuse(map, 'list', result, found.length, found.length);
    for (let i = 0; i < attributes.readU32(32); i++)
      found.push([decode(key, keys.subarray(i * key.size)), decode(value, values.subarray(i * map.valueBytes))]);
    if (result === 'ENOENT') return found;
    from = to;
  }
}

/** Elements of a map as the kernel has them, one behind the other. */
export interface ByteElements {
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  readonly count: number;
}

/** All elements as the kernel has them, by few calls; of kinds without batches one after another. */
export function* allBytes(map: KernelMap): Generator<ByteElements> {
  const { size } = map.spec.key;
  let from: Uint8Array | undefined;
  for (;;) {
    const keys = new Uint8Array(new ArrayBuffer(CHUNK * size));
    const values = new Uint8Array(new ArrayBuffer(CHUNK * map.valueBytes));
    const to = new Uint8Array(new ArrayBuffer(Math.max(4, size)));
    const attributes = batch(map, keys, values, CHUNK).pointer(0, from).pointer(8, to);
    const result = tryBpf(COMMAND.mapLookupBatch, attributes);
    if (isUnsupported(result) || result === 'ENOSPC') {
      for (const [key, value] of map.entriesBytes()) yield { keys: key, values: value, count: 1 };
      return;
    }
    if (result !== 'ENOENT') refuse(map, 'list', result, 0, 0);
    const count = attributes.readU32(32);
    if (count > 0) yield { keys, values, count };
    if (result === 'ENOENT') return;
    from = to;
  }
}

/** Writes elements as the kernel has them; those that are there already are left out with mode `add`. */
export function setAllBytes(map: KernelMap, { keys, values, count }: ByteElements, mode: UpdateMode = 'any'): void {
  if (mode === 'any') {
    const result = tryBpf(COMMAND.mapUpdateBatch, batch(map, keys, values, count));
    if (!isUnsupported(result)) return refuse(map, 'write', result, 0, count);
  }
  const [keySize, valueSize] = [map.spec.key.size, map.valueBytes];
  for (let i = 0; i < count; i++)
    try {
      map.setBytes(keys.slice(i * keySize, (i + 1) * keySize), values.slice(i * valueSize, (i + 1) * valueSize), mode);
    } catch (error) {
      if (!isBpfError(error, 'EEXIST')) throw error;
    }
}

function batch(map: KernelMap, keys: Uint8Array, values: Uint8Array | undefined, count: number): Attributes {
  return new Attributes(56).pointer(16, keys).pointer(24, values).u32(32, count).u32(36, map.fd);
}

function concatenated<T>(
  size: number,
  all: readonly T[],
  write: (view: DataView, at: number, one: T) => void,
): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(size * all.length));
  const view = new DataView(bytes.buffer);
  for (const [i, one] of all.entries()) write(view, i * size, one);
  return bytes;
}

/** Bytes of one size, one behind the other. */
function joined(size: number, count: number, bytesOf: (index: number) => Uint8Array): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(size * count));
  for (let i = 0; i < count; i++) bytes.set(bytesOf(i), i * size);
  return bytes;
}

const isUnsupported = (result: number | string): boolean => result === 'ENOTSUPP' || result === 'EINVAL';

function refuse(map: KernelMap, action: string, result: number | string, done: number, of: number): void {
  if (typeof result === 'string')
    throw new BpfError(`${action} map "${map.spec.name}" after ${done} of ${of} elements`, result);
}
