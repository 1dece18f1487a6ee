import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isBpfError, kernel, type MapSpec } from 'nekube/bpf';
import { fingerprint } from './fingerprint.ts';

/** Maps that are open, by their names. */
export interface OpenMaps {
  readonly maps: readonly kernel.KernelMap[];
  /** The maps of Services are those of an earlier process, with what it wrote. */
  readonly hasServices: boolean;
  /** What of an earlier process's maps could not be taken over as it was, a sentence each. */
  readonly notes: readonly string[];
  /** Pins what is new in the place of what was there before. To be called when the programs use the maps. */
  settle(): void;
  /** Lets go of all; what is pinned lives on. */
  close(): void;
}

/** Made of Services, and full of numbers that only mean something together. */
const OF_SERVICES = /^((services|addresses|backends|target_ports|source_ranges)[46]|table|traffic)$/;
/** These refer to backends by their numbers. */
const OF_BACKENDS = /^(flows|affinities)[46]$/;

/** A map that is new, or an earlier process's. */
interface Opened {
  readonly spec: MapSpec;
  readonly map: kernel.KernelMap;
  /** It was there as it is. */
  readonly isKept: boolean;
  /** What it is to take the place of, with the elements that it got. */
  readonly before?: kernel.KernelMap;
}

/** Opens maps that end with this process. */
export function newMaps(specs: readonly MapSpec[]): OpenMaps {
  const opened = openEach(specs, (spec) => ({ spec, map: kernel.createMap(spec), isKept: false }));
  const maps = opened.map(({ map }) => map);
  return {
    ...{ maps, hasServices: false, notes: [], settle: () => undefined },
    close: () => maps.forEach((map) => map.close()),
  };
}

/**
 * Opens the maps that are pinned in a folder, and makes those that are not. Where a map is there with another capacity, a new one
 * gets its elements; where one has another layout, or not all elements have room, a new one begins empty, and with it those that say nothing
 * without it.
 */
export function pinnedMaps(specs: readonly MapSpec[], folder: string): OpenMaps {
  const notes: string[] = [];
  const open = (spec: MapSpec): Opened => openPinned(spec, folder, notes);
  let opened = openEach(specs, open);
  const isFresh = ({ isKept, before, spec }: Opened): boolean =>
    !isKept && before === undefined && OF_SERVICES.test(spec.name);
  const wasThere = opened.some(({ isKept, before }) => isKept || before !== undefined);
  const hasServices = !opened.some(isFresh);
  if (!hasServices && wasThere) {
    notes.push('what was known of Services is written anew, and flows get their backends anew');
    opened = opened.map((one) =>
      OF_SERVICES.test(one.spec.name) || OF_BACKENDS.test(one.spec.name) ? madeAnew(one) : one,
    );
  }
  return {
    maps: opened.map(({ map }) => map),
    hasServices,
    notes,
    settle: () => settle(opened, folder),
    close(): void {
      for (const { map, before } of opened) {
        map.close();
        before?.close();
      }
    },
  };
}

function openEach(specs: readonly MapSpec[], open: (spec: MapSpec) => Opened): readonly Opened[] {
  const opened: Opened[] = [];
  try {
    for (const spec of specs) opened.push(open(spec));
    return opened;
  } catch (error) {
    for (const { map, before } of opened) {
      map.close();
      before?.close();
    }
    throw error;
  }
}

function openPinned(spec: MapSpec, folder: string, notes: string[]): Opened {
  const path = join(folder, fileOf(spec));
  let before: kernel.KernelMap;
  try {
    before = kernel.openPinnedMapOfAnySize(path, spec);
  } catch (error) {
    if (!isBpfError(error, 'ENOENT') && !(error instanceof TypeError)) throw error;
    const other = filesOf(folder).find((file) => nameOf(file) === spec.name);
    if (other !== undefined) notes.push(`map ${spec.name} has another layout than before, and begins empty`);
    return { spec, map: kernel.createMap(spec), isKept: false };
  }
  if (before.spec.maxEntries === spec.maxEntries) return { spec, map: before, isKept: true };
  return carried(spec, before, notes);
}

/** A map of another capacity, with the elements of the one before. */
function carried(spec: MapSpec, before: kernel.KernelMap, notes: string[]): Opened {
  const sizes = `has room for ${spec.maxEntries} entries instead of ${before.spec.maxEntries}`;
  const map = kernel.createMap(spec);
  if (canCopy(before, spec))
    try {
      const count = copyElements(before, map);
      notes.push(`map ${spec.name} ${sizes}: ${count} were carried over`);
      return { spec, map, isKept: false, before };
    } catch (error) {
      if (!isBpfError(error, 'E2BIG')) throw error;
    }
  before.close();
  map.close();
  notes.push(`map ${spec.name} ${sizes}, and begins empty`);
  return { spec, map: kernel.createMap(spec), isKept: false };
}

/** Arrays have as many elements as they have room for. */
function canCopy({ spec: before }: kernel.KernelMap, spec: MapSpec): boolean {
  return spec.type !== 'ringbuf' && (!spec.type.endsWith('array') || before.maxEntries < spec.maxEntries);
}

function copyElements(from: kernel.KernelMap, to: kernel.KernelMap): number {
  let copied = 0;
  for (const elements of kernel.allBytes(from)) {
    kernel.setAllBytes(to, elements);
    copied += elements.count;
  }
  return copied;
}

function madeAnew({ spec, map, before }: Opened): Opened {
  map.close();
  before?.close();
  return { spec, map: kernel.createMap(spec), isKept: false };
}

function settle(opened: readonly Opened[], folder: string): void {
  const wanted = new Set(opened.map(({ spec }) => fileOf(spec)));
  for (const file of filesOf(folder)) if (!wanted.has(file)) unlinkSync(join(folder, file));
  for (const { spec, map, isKept } of opened) {
    if (isKept) continue;
    const path = join(folder, fileOf(spec));
    if (existsSync(path)) unlinkSync(path);
    kernel.pin(map, path);
  }
}

/** The file of a map. */
export function pinnedPath(folder: string, spec: MapSpec): string {
  return join(folder, fileOf(spec));
}

function filesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Names of maps have no hyphen. */
function fileOf(spec: MapSpec): string {
  return `${spec.name}-${fingerprint(spec)}`;
}

function nameOf(file: string): string {
  return file.slice(0, file.lastIndexOf('-'));
}
