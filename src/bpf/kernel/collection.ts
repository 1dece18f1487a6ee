import type { MapSpec } from '../spec/map-spec.ts';
import type { ProgramSpec } from '../spec/program-spec.ts';
import { createMap, KernelMap } from './map.ts';
import { KernelProgram, type LoadOptions, loadProgram } from './program.ts';

/** Programs and their maps in the kernel, closed together. */
export interface Collection {
  /** The program of that name. */
  program(name: string): KernelProgram;
  /** The map of that spec. */
  map<K, V>(spec: MapSpec<K, V>): KernelMap<K, V>;
  /** The map of that name. */
  map(name: string): KernelMap;
  close(): void;
  [Symbol.dispose](): void;
}

/** How programs are loaded together. */
export interface CollectionOptions extends Omit<LoadOptions, 'maps'> {
  /** Maps that are there already, as those that are pinned; the collection does not close them. */
  readonly maps?: Iterable<KernelMap>;
}

/**
 * Makes the maps of programs, one of each name, and loads the programs.
 *
 * @throws as `createMap` and `loadProgram`; nothing stays open then.
 */
export function loadCollection(programs: readonly ProgramSpec[], options: CollectionOptions = {}): Collection {
  const maps = new Map<string, KernelMap>([...(options.maps ?? [])].map((map) => [map.spec.name, map]));
  const own: (KernelMap | KernelProgram)[] = [];
  const close = (): void => own.forEach((one) => one.close());
  const loaded = new Map<string, KernelProgram>();
  try {
    for (const spec of programs.flatMap((program) => program.maps ?? [])) {
      if (maps.has(spec.name)) continue;
      const map = createMap(spec);
      own.push(map);
      maps.set(spec.name, map);
    }
    for (const spec of programs) {
      const program = loadProgram(spec, { ...options, maps });
      own.push(program);
      loaded.set(spec.name, program);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    program: (name) => found(loaded, name, 'program'),
    map: ((map: string | MapSpec) =>
      found(maps, typeof map === 'string' ? map : map.name, 'map')) as unknown as Collection['map'],
    close,
    [Symbol.dispose]: close,
  };
}

function found<T>(all: ReadonlyMap<string, T>, name: string, what: string): T {
  const one = all.get(name);
  if (one === undefined)
    throw new TypeError(`There is no ${what} called ${name}; there are ${[...all.keys()].join(', ')}`);
  return one;
}
