import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { BtfWriter } from '../btf/writer.ts';
import { BpfError } from '../errors.ts';
import type { Layout } from '../layout/scalar.ts';
import type { MapStore, UpdateMode } from '../spec/map-store.ts';
import type { MapSpec } from '../spec/map-spec.ts';
import { isPerCpu, MAP_FLAGS, MAP_TYPES, type MapType } from '../spec/map-types.ts';
import { Attributes } from './attributes.ts';
import { loadBtf } from './btf.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { type MapInfo, mapInfo } from './info.ts';
import { bpf, tryBpf } from './syscall.ts';

/** Kinds that take types of their keys and values; others are refused with them. */
const TYPED: readonly MapType[] = [
  'hash',
  'lru_hash',
  'percpu_hash',
  'lru_percpu_hash',
  'array',
  'percpu_array',
  'lpm_trie',
];
const MODES: Readonly<Record<UpdateMode, bigint>> = { any: 0n, add: 1n, change: 2n };

/** A map of the kernel, with its keys and values as values of ours. */
export class KernelMap<K = unknown, V = unknown> extends Descriptor implements MapStore<K, V> {
  readonly spec: MapSpec<K, V>;

  constructor(fd: number, spec: MapSpec<K, V>) {
    super(fd, `map ${spec.name}`);
    this.spec = spec;
  }

  get(key: K): V | undefined {
    this.#refusePerCpu();
    const bytes = this.getBytes(encode(this.spec.key, key));
    return bytes && decode(this.spec.value, bytes);
  }

  /** The values of all CPUs, of a per-CPU map. */
  getPerCpu(key: K): V[] | undefined {
    const bytes = this.getBytes(encode(this.spec.key, key));
    return bytes && this.#perCpu(bytes);
  }

  set(key: K, value: V, mode: UpdateMode = 'any'): void {
    const { spec } = this;
    const bytes = encode(spec.value, value);
    if (!isPerCpu(spec.type)) return this.setBytes(encode(spec.key, key), bytes, mode);
    // every CPU gets it
    const all = new Uint8Array(this.valueBytes);
    for (let at = 0; at < all.length; at += roundUp(bytes.length)) all.set(bytes, at);
    this.setBytes(encode(spec.key, key), all, mode);
  }

  delete(key: K): boolean {
    return this.deleteBytes(encode(this.spec.key, key));
  }

  *entries(): Generator<[K, V]> {
    this.#refusePerCpu();
    for (const [key, value] of this.entriesBytes()) yield [decode(this.spec.key, key), decode(this.spec.value, value)];
  }

  /** The elements of a per-CPU map, with the values of all CPUs. */
  *entriesPerCpu(): Generator<[K, V[]]> {
    for (const [key, value] of this.entriesBytes()) yield [decode(this.spec.key, key), this.#perCpu(value)];
  }

  /** The value as the kernel has it; of per-CPU maps those of all CPUs, each in multiples of eight bytes. */
  getBytes(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(new ArrayBuffer(this.valueBytes));
    const result = tryBpf(COMMAND.mapLookup, this.#element(key, value));
    if (result === 'ENOENT') return undefined;
    if (typeof result === 'string') throw new BpfError(`read map "${this.spec.name}"`, result);
    return value;
  }

  /** Writes a value as the kernel has it. */
  setBytes(key: Uint8Array, value: Uint8Array, mode: UpdateMode = 'any'): void {
    const attributes = this.#element(key, value).u64(24, MODES[mode]);
    bpf(COMMAND.mapUpdate, attributes, `write map "${this.spec.name}"`);
  }

  /** Removes an element; false if there was none. */
  deleteBytes(key: Uint8Array): boolean {
    const result = tryBpf(COMMAND.mapDelete, this.#element(key));
    if (result === 'ENOENT') return false;
    if (typeof result === 'string') throw new BpfError(`delete from map "${this.spec.name}"`, result);
    return true;
  }

  /** All elements as the kernel has them. One that is removed while this goes on may have it begin again. */
  *entriesBytes(): Generator<[Uint8Array, Uint8Array]> {
    let key: Uint8Array | undefined;
    for (;;) {
      const next = new Uint8Array(new ArrayBuffer(this.spec.key.size));
      const attributes = new Attributes(32).u32(0, this.fd).pointer(8, key).pointer(16, next);
      const result = tryBpf(COMMAND.mapNextKey, attributes);
      if (result === 'ENOENT') return;
      if (typeof result === 'string') throw new BpfError(`list map "${this.spec.name}"`, result);
      const value = this.getBytes(next);
      if (value !== undefined) yield [next, value];
      key = next;
    }
  }

  /** Puts another map, a program or a socket into an element, by its file descriptor. */
  setDescriptor(key: K, { fd }: { readonly fd: number }, mode: UpdateMode = 'any'): void {
    const value = new Uint8Array(new ArrayBuffer(Math.max(4, this.spec.value.size)));
    new DataView(value.buffer).setUint32(0, fd, true);
    this.setBytes(encode(this.spec.key, key), value, mode);
  }

  /** The oldest value of a queue, or the newest of a stack, which is removed. */
  pop(): V | undefined {
    const value = new Uint8Array(new ArrayBuffer(this.valueBytes));
    const result = tryBpf(COMMAND.mapLookupAndDelete, this.#element(undefined, value));
    if (result === 'ENOENT') return undefined;
    if (typeof result === 'string') throw new BpfError(`take from map "${this.spec.name}"`, result);
    return decode(this.spec.value, value);
  }

  /** Adds a value to a queue, a stack or a bloom filter. */
  push(value: V): void {
    const attributes = this.#element(undefined, encode(this.spec.value, value));
    bpf(COMMAND.mapUpdate, attributes, `write map "${this.spec.name}"`);
  }

  /** Ends all writes of user space, for good; with the flag `rdonly_prog` programs may then take its values for constants. */
  freeze(): void {
    bpf(COMMAND.mapFreeze, new Attributes().u32(0, this.fd), `freeze map "${this.spec.name}"`);
  }

  info(): MapInfo {
    return mapInfo(this.fd);
  }

  /** How many bytes a value has to user space. */
  get valueBytes(): number {
    const { type, value } = this.spec;
    if (type === 'array_of_maps' || type === 'hash_of_maps') return 4;
    return isPerCpu(type) ? roundUp(value.size) * possibleCpus() : value.size;
  }

  /** One value of many would be an answer that nobody asked for. */
  #refusePerCpu(): void {
    if (isPerCpu(this.spec.type)) throw new TypeError(`Map ${this.spec.name} has a value for each CPU: use getPerCpu`);
  }

  #element(key?: Uint8Array, value?: Uint8Array): Attributes {
    return new Attributes(32).u32(0, this.fd).pointer(8, key).pointer(16, value);
  }

  #perCpu(bytes: Uint8Array): V[] {
    const step = roundUp(this.spec.value.size);
    return Array.from({ length: bytes.length / step }, (_, cpu) => decode(this.spec.value, bytes.subarray(cpu * step)));
  }
}

/**
 * Makes a map.
 *
 * @throws BpfError the kernel refused it; NotSupportedError there is no bpf(2).
 */
export function createMap<K, V>(spec: MapSpec<K, V>): KernelMap<K, V> {
  const { name, type, maxEntries, flags } = spec;
  const inner = spec.inner && createMap(spec.inner);
  const types = TYPED.includes(type) ? mapTypes(spec) : undefined;
  try {
    const attributes = new Attributes()
      .u32(0, MAP_TYPES[type])
      .u32(4, spec.key.size)
      .u32(8, inner ? 4 : spec.value.size)
      .u32(12, maxEntries)
      .u32(
        16,
        flags.reduce((all, flag) => all | MAP_FLAGS[flag], 0),
      )
      .u32(20, inner?.fd ?? 0)
      .name(28, name);
    if (types) {
      // some kinds are particular: a trie wants its key to be a struct, an array wants an integer
      const fd = tryBpf(COMMAND.mapCreate, attributes.u32(48, types.btf.fd).u32(52, types.key).u32(56, types.value));
      if (typeof fd === 'number') return new KernelMap(fd, spec);
      attributes.u32(48, 0).u32(52, 0).u32(56, 0);
    }
    return new KernelMap(bpf(COMMAND.mapCreate, attributes, `create map "${name}" of type ${type}`), spec);
  } finally {
    inner?.close();
    types?.btf.close();
  }
}

/** The types of a map's keys and values; undefined where the kernel has no BTF, which maps can do without. */
function mapTypes(spec: MapSpec): { btf: Descriptor; key: number; value: number } | undefined {
  const writer = new BtfWriter();
  const key = writer.layout(spec.key);
  const value = writer.layout(spec.value);
  const btf = loadBtf(writer.encode());
  return btf && { btf, key, value };
}

/** Bytes of a value. */
export function encode<T>(layout: Layout<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(layout.size));
  layout.write(new DataView(bytes.buffer), 0, value);
  return bytes;
}

/** The value of bytes. */
export function decode<T>(layout: Layout<T>, bytes: Uint8Array): T {
  return layout.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
}

const roundUp = (size: number): number => (size + 7) & ~7;

let cpus: number | undefined;

/** How many CPUs the machine may ever have, which is what per-CPU maps have values for. */
export function possibleCpus(): number {
  cpus ??= readPossibleCpus();
  return cpus;
}

function readPossibleCpus(): number {
  try {
    const last = /(\d+)\s*$/.exec(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))?.[1];
    return Number(last) + 1;
  } catch {
    return availableParallelism();
  }
}
