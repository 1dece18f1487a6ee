import { isBpfError, kernel, type MapSpec } from 'nekube/bpf';
import { type CounterName, datapathMaps, specsOf } from '../datapath/maps.ts';
import {
  type FrontendTraffic,
  type MemoryUse,
  readContents,
  readCounters,
  readMemoryUse,
  readTraffic,
} from '../datapath/readings.ts';
import type { ServiceContents } from '../maps/writes.ts';
import { pinFolders } from '../pins/folder.ts';
import { pinnedPath } from '../pins/maps.ts';
import { type EntryView, viewEntry, viewPerCpu } from './entries.ts';

/** The maps of a node that are pinned, for who looks at them, until they are closed. */
export class PinnedMaps {
  readonly #maps: ReadonlyMap<string, kernel.KernelMap>;

  /** @throws RangeError nothing is pinned there; BpfError there are no rights */
  constructor(folder: string) {
    const specs = specsOf(datapathMaps());
    const found = specs.flatMap((spec) => {
      const map = opened(folder, spec);
      return map === undefined ? [] : [[spec.name, map] as const];
    });
    if (found.length < specs.length) {
      for (const [, map] of found) map.close();
      const lacks = found.length === 0 ? 'nothing' : 'not all maps, or others than this version of nekube has,';
      throw new RangeError(`There is ${lacks} at ${folder}`);
    }
    this.#maps = new Map(found);
  }

  /** The specs of the maps, with as many entries as they have room for. */
  get specs(): readonly MapSpec[] {
    return [...this.#maps.values()].map(({ spec }) => spec);
  }

  contents({ withTable = true } = {}): ServiceContents {
    return readContents((name) => this.map(name), { withTable });
  }

  counters(): Readonly<Record<CounterName, number>> {
    return readCounters(this.map('counters'));
  }

  /** How the maps of what is remembered have done. */
  memoryUse(): readonly MemoryUse[] {
    return readMemoryUse(this.map('remembered'), (name) => this.#maps.get(name));
  }

  traffic(counter: number): FrontendTraffic {
    return readTraffic(this.map('traffic'), counter);
  }

  /** What a map holds, with numbers and texts for its bytes; ring buffers and the array of tables are not listed. */
  entries(name: string): readonly EntryView[] {
    const map = this.map(name);
    const { type } = map.spec;
    if (type === 'ringbuf') return [];
    if (type.startsWith('percpu'))
      return [...map.entriesBytes()].flatMap(([key]) => {
        const values = map.getPerCpu(map.spec.key.read(viewOf(key), 0));
        return values === undefined ? [] : [viewPerCpu(map.spec, key, values)];
      });
    return [...map.entriesBytes()].map(([key, value]) => viewEntry(map.spec, key, value));
  }

  map(name: string): kernel.KernelMap {
    const map = this.#maps.get(name);
    if (map === undefined)
      throw new RangeError(`There is no map ${name}; there are ${[...this.#maps.keys()].join(', ')}`);
    return map;
  }

  close(): void {
    for (const map of this.#maps.values()) map.close();
  }
}

function opened(folder: string, spec: MapSpec): kernel.KernelMap | undefined {
  try {
    return kernel.openPinnedMapOfAnySize(pinnedPath(pinFolders(folder).maps, spec), spec);
  } catch (error) {
    if (isBpfError(error, 'ENOENT') || error instanceof TypeError) return undefined;
    throw error;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
