import { mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BpfError } from '../errors.ts';
import { isPerCpu, MAP_FLAGS, MAP_TYPES } from '../spec/map-types.ts';
import type { MapSpec } from '../spec/map-spec.ts';
import type { ProgramSpec } from '../spec/program-spec.ts';
import { Attributes, cString } from './attributes.ts';
import { COMMAND } from './commands.ts';
import type { Descriptor } from './descriptor.ts';
import { mapInfo } from './info.ts';
import { KernelLink } from './link.ts';
import { createMap, KernelMap } from './map.ts';
import { errnoName, native } from './native.ts';
import { KernelProgram } from './program.ts';
import { bpf, tryBpf } from './syscall.ts';

const BPFFS_MAGIC = 0xcafe4a11;

/** Mounts a bpffs at a folder, unless one is there; the folder is made. */
export function ensureBpffs(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (isBpffs(folder)) return;
  if (native().mount('bpf', folder, 'bpf') < 0)
    throw new BpfError(`mount a bpffs at ${folder}`, errnoName(native().errno()), 'needs CAP_SYS_ADMIN');
}

/** Takes back what `ensureBpffs` mounted at a folder. */
export function unmountBpffs(folder: string): void {
  if (native().unmount(folder) < 0) throw new BpfError(`unmount ${folder}`, errnoName(native().errno()));
}

/** Whether a folder is in a bpffs, where maps, programs and links can be pinned. */
export function isBpffs(folder: string): boolean {
  return statfsSync(folder).type === BPFFS_MAGIC;
}

/**
 * Gives a map, a program or a link a path, by which it lives on when this process ends: until the file is removed. Folders
 * above are made.
 *
 * @throws BpfError `EEXIST` something is there; `EPERM` the path is in no bpffs.
 */
export function pin(object: Descriptor, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const attributes = new Attributes().pointer(0, cString(path)).u32(8, object.fd);
  const result = tryBpf(COMMAND.pin, attributes);
  if (typeof result === 'number') return;
  const explanation = result === 'EPERM' && !isBpffs(dirname(path)) ? 'the path must be in a bpffs' : undefined;
  throw new BpfError(`pin ${path}`, result, explanation);
}

/**
 * The map at a path.
 *
 * @throws BpfError `ENOENT` there is none; TypeError what is there does not fit the spec: its layouts must be the same.
 */
export function openPinnedMap<K, V>(path: string, spec: MapSpec<K, V>): KernelMap<K, V> {
  const map = new KernelMap(open(path), spec);
  const wrong = differences(map);
  if (wrong.length === 0) return map;
  map.close();
  throw new TypeError(`The map at ${path} does not fit "${spec.name}": ${wrong.join(', ')}`);
}

/** The map at a path with as many entries as it has; its kind and its layouts must be those of the spec. */
export function openPinnedMapOfAnySize<K, V>(path: string, spec: MapSpec<K, V>): KernelMap<K, V> {
  const fd = open(path);
  const { maxEntries } = mapInfo(fd);
  const map = new KernelMap(fd, { ...spec, maxEntries });
  const wrong = differences(map);
  if (wrong.length === 0) return map;
  map.close();
  throw new TypeError(`The map at ${path} does not fit "${spec.name}": ${wrong.join(', ')}`);
}

/** The map at a path, made and pinned if there is none. */
export function openOrCreateMap<K, V>(path: string, spec: MapSpec<K, V>): KernelMap<K, V> {
  try {
    return openPinnedMap(path, spec);
  } catch (error) {
    if (!(error instanceof BpfError && error.code === 'ENOENT')) throw error;
  }
  const map = createMap(spec);
  try {
    pin(map, path);
    return map;
  } catch (error) {
    map.close();
    throw error;
  }
}

/** The program at a path; its spec is what is known of it here, and not checked. */
export function openPinnedProgram(path: string, spec: ProgramSpec): KernelProgram {
  return new KernelProgram(open(path), spec);
}

/** The link at a path. */
export function openPinnedLink(path: string): KernelLink {
  return new KernelLink(open(path), `at ${path}`);
}

function open(path: string): number {
  return bpf(COMMAND.getPinned, new Attributes().pointer(0, cString(path)), `open ${path}`);
}

/** What of a map is not as its spec says. */
function differences(map: KernelMap): string[] {
  const { spec } = map;
  const info = mapInfo(map.fd);
  const isNested = spec.type === 'array_of_maps' || spec.type === 'hash_of_maps';
  const flags = spec.flags.reduce((all, flag) => all | MAP_FLAGS[flag], 0);
  const expected = {
    type: MAP_TYPES[spec.type],
    keySize: spec.key.size,
    valueSize: isNested ? 4 : isPerCpu(spec.type) ? spec.value.size : map.valueBytes,
    maxEntries: spec.maxEntries,
    flags,
  };
  const names = Object.keys(expected) as (keyof typeof expected)[];
  // devmaps add a flag of their own
  const isFlag = (name: string): boolean => name === 'flags' && spec.type.startsWith('devmap');
  return names
    .filter((name) => info[name] !== expected[name] && !isFlag(name))
    .map((name) => `${name} ${info[name]}, not ${expected[name]}`);
}
