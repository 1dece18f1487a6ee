import { isBpfError, kernel, type MapSpec, type ProgramSpec } from 'nekube/bpf';
import { FAMILIES, familyOf } from '../maps/address.ts';
import type { Capacities } from '../maps/service-maps.ts';
import { type EntryWrite, familyOfMap, type ServiceContents, type Writes } from '../maps/writes.ts';
import { ensurePinFolder, pinFolders, removeOtherVersions } from '../pins/folder.ts';
import { type LinkPlace, Links } from '../pins/links.ts';
import { newMaps, type OpenMaps, pinnedMaps } from '../pins/maps.ts';
import { SHAPES } from './family.ts';
import type { Attach } from './fast-attach.ts';
import { FastLinks } from './fast-links.ts';
import { insideProgram } from './inside.ts';
import { applyWrites, kernelMap } from './map-writer.ts';
import {
  type CounterName,
  type DatapathMaps,
  datapathMaps,
  type FlowCapacities,
  flowLayoutsOf,
  specsOf,
} from './maps.ts';
import { decapsulationProgram } from './node.ts';
import { replyProgram } from './reply.ts';
import type { DatapathOptions } from './options.ts';
import { prefixOf } from '../maps/prefix.ts';
import { type MemoryUse, readContents, readCounters, readMemoryUse, resetTraffic } from './readings.ts';
import { requestProgram } from './request.ts';

/** Where a node's programs are attached, and what they are made for. */
export interface NodeDatapathOptions extends DatapathOptions {
  /** The devices that face the network, of the node's network namespace. */
  readonly devices: readonly string[];
  /** The file of that namespace; default: this process's own. */
  readonly namespace?: string;
  readonly capacities?: Capacities;
  readonly flows?: FlowCapacities;
  /**
   * A folder of a bpffs, or where one is to be mounted: maps and programs outlive this process, and those that are there are taken over. Then
   * nothing is attached until `attach` is called: what is there serves on, until the maps are as they should be.
   */
  readonly pins?: string;
  /** Whether requests are taken by XDP as well. Default: `tcx`, not at all. */
  readonly attach?: Attach;
  /** Where programs of traffic control are. Default: at tcx, and where the kernel has none (before Linux 6.6) in filters of `clsact`. */
  readonly hook?: Hook;
}

/** Where programs of traffic control are attached: in links of tcx, or in filters. */
export type Hook = 'tcx' | 'clsact';

/** What may be other after a while. */
type ReloadOptions = DatapathOptions & Pick<NodeDatapathOptions, 'devices' | 'attach'>;

/** A node's programs, attached to its devices, and their maps. */
export class NodeDatapath {
  readonly #maps: OpenMaps;
  readonly #byName: ReadonlyMap<string, kernel.KernelMap>;
  readonly #specs: DatapathMaps;
  readonly #links: Links;
  readonly #pins: string | undefined;
  readonly #namespace: string | undefined;
  readonly #hook: Hook;
  #devices: readonly string[];
  #placed: readonly Placed[] = [];
  #programs: kernel.Collection | undefined;
  /** Devices towards pods, with their numbers: one that comes again by its name is another. */
  readonly #pods = new Map<string, number>();
  readonly #tunnelSources = new Set<string>();
  /** The memory of the tables, from the first write on. */
  #table: kernel.MappedArray | undefined;
  readonly #fast: FastLinks;
  #options: ReloadOptions;

  /**
   * Loads the programs, and attaches them; with `pins` only loads them.
   *
   * @throws NotSupportedError the kernel lacks what programs use; BpfError there is no such device, or no right to it. Nothing stays attached
   *   that was not before.
   */
  constructor(options: NodeDatapathOptions) {
    const { pins, namespace } = options;
    const timed = withTime(options);
    this.#pins = pins;
    this.#options = timed;
    this.#namespace = namespace;
    this.#hook = options.hook ?? usualHook();
    this.#devices = options.devices;
    this.#specs = datapathMaps(options.capacities, options.flows);
    if (pins !== undefined) ensurePinFolder(pins);
    const folders = pins === undefined ? undefined : pinFolders(pins);
    this.#maps = folders === undefined ? newMaps(specsOf(this.#specs)) : pinnedMaps(specsOf(this.#specs), folders.maps);
    this.#byName = new Map(this.#maps.maps.map((map) => [map.spec.name, map]));
    this.#links = new Links({
      ...(folders && { folder: folders.links }),
      ...(namespace !== undefined && { namespace }),
    });
    this.#fast = new FastLinks({ specs: this.#specs, maps: this.#maps.maps, links: this.#links, namespace });
    try {
      this.#load(timed);
      if (pins === undefined) this.attach();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What of the maps that are pinned could not be taken over as it was, and what must be known of filters and of XDP, a sentence each. */
  get notes(): readonly string[] {
    return [...this.#maps.notes, ...(this.#hook === 'clsact' ? [FILTERS] : []), ...this.#fast.notes];
  }

  /** What the maps of Services hold from an earlier process; undefined if they are new. */
  contents(): ServiceContents | undefined {
    return this.#maps.hasServices ? this.contentsNow() : undefined;
  }

  /** What the maps of Services hold now; the array of tables is large, and may be left out. */
  contentsNow({ withTable = true } = {}): ServiceContents {
    return readContents((name) => this.kernelMap(name), { withTable });
  }

  /** A map, for programs that share it. It is closed with the datapath. */
  kernelMap(name: string): kernel.KernelMap {
    const found = this.#byName.get(name);
    if (found === undefined) throw new TypeError(`There is no map called ${name}`);
    return found;
  }

  /** Attaches the programs to the devices; those that are there already get the new ones into their places, with no packet between. */
  attach(): void {
    for (const device of this.#devices) this.#attachTo(device, 'pods');
    this.#fast.attach(this.#options);
  }

  /**
   * Balances what a pod sends, at its device on the node's side: one end of its pair of veth devices, whether packets are routed from there
   * or it is a port of a bridge. A device that is attached already is left as it is.
   *
   * @throws BpfError there is no such device. Nothing stays attached.
   */
  attachPod(device: string): void {
    const index = this.#indexOf(device);
    if (this.#pods.get(device) === index) return;
    this.#attachTo(device, 'network');
    this.#pods.set(device, index);
  }

  /** The devices of pods that are attached. */
  get pods(): readonly string[] {
    return [...this.#pods.keys()];
  }

  /** Leaves a pod's device alone, also one that is gone by now. */
  detachPod(device: string): void {
    if (!this.#pods.delete(device)) return;
    for (const { program } of this.#placed) this.#links.detach(linkName(program, device));
  }

  /**
   * Ends a takeover: what is pinned is now what this process made, and programs are detached from devices that it did not attach any to.
   *
   * @returns the names of the links that were left over
   */
  settle(): readonly string[] {
    if (this.#pins === undefined) return [];
    this.#maps.settle();
    removeOtherVersions(this.#pins);
    return this.#links.detachOthers();
  }

  /** Makes the programs anew, for other options or devices, and puts them into their places. Maps and flows stay. */
  reload(options: ReloadOptions): void {
    const before = this.#devices;
    this.#options = this.#load(withTime(options));
    this.#devices = options.devices;
    this.attach();
    for (const device of this.pods) this.#attachAgain(device);
    for (const device of before.filter((one) => !options.devices.includes(one)))
      for (const { program } of this.#placed) this.#links.detach(linkName(program, device));
  }

  /** Opens maps of sockets: pinned beside the datapath's own, if those are. They are to be closed by who opens them. */
  openSocketMaps(specs: readonly MapSpec[]): OpenMaps {
    return this.#pins === undefined ? newMaps(specs) : pinnedMaps(specs, pinFolders(this.#pins).sockets);
  }

  /** Attaches a program that is not the datapath's own, by a name that no other has; it stays attached when those do. */
  attachBeside(name: string, program: kernel.KernelProgram, place: LinkPlace): void {
    this.#links.attach(name, program, place);
  }

  /** Detaches it, unless it is pinned. */
  releaseBeside(name: string): void {
    if (this.#pins === undefined) this.#links.detach(name);
  }

  /** Brings writes to the maps; they are done when it returns. */
  apply(writes: Writes): void {
    const gone = writes.services.flatMap((entry) => (entry.value === undefined ? [this.#counterOf(entry)] : []));
    applyWrites(writes, (name) => {
      const map = this.kernelMap(name);
      return name === 'table' ? kernelMap(map, (this.#table ??= new kernel.MappedArray(map))) : kernelMap(map);
    });
    for (const counter of gone) if (counter !== undefined) resetTraffic(this.kernelMap('traffic'), counter);
  }

  /** Takes tunnels that come from an address, that of another node, or from a range of them (`10.9.0.0/16`), by which tunnels are spread. */
  takeTunnelsFrom(address: string): void {
    const { map, key } = this.#tunnelSource(address);
    map.setBytes(key, Uint8Array.of(1));
    this.#tunnelSources.add(address);
  }

  /** Takes tunnels that come from these addresses, and ranges of them, and from no others. */
  setTunnelSources(addresses: readonly string[]): void {
    const keys = new Set(addresses.map((address) => hexOf(this.#tunnelSource(address).key)));
    for (const address of addresses) if (!this.#tunnelSources.has(address)) this.takeTunnelsFrom(address);
    for (const family of FAMILIES) {
      const map = this.kernelMap(`tunnel_src${family}`);
      for (const [key] of [...map.entriesBytes()]) if (!keys.has(hexOf(key))) map.deleteBytes(key);
    }
    for (const address of this.#tunnelSources) if (!addresses.includes(address)) this.#tunnelSources.delete(address);
  }

  /** How often what has happened, of all CPUs together. */
  counters(): Readonly<Record<CounterName, number>> {
    return readCounters(this.kernelMap('counters'));
  }

  /** How the maps of what is remembered have done. */
  memoryUse(): readonly MemoryUse[] {
    return readMemoryUse(this.kernelMap('remembered'), (name) => this.#byName.get(name));
  }

  /** The programs as the kernel has them. */
  get programs(): readonly kernel.KernelProgram[] {
    return this.#placed.map(({ program }) => (this.#programs as kernel.Collection).program(program.name));
  }

  /** Lets go of everything: without `pins` the programs are detached and flows forgotten, with them all goes on. */
  close(): void {
    this.#links.close();
    this.#programs?.close();
    this.#table?.close();
    this.#maps.close();
  }

  /** Gives what they are made for. */
  #load(options: ReloadOptions): ReloadOptions {
    // a verifier reads for long what no device has
    const isWanted = ({ faces }: Placed): boolean => faces !== 'network' || options.devices.length > 0;
    const placed = FAMILIES.flatMap((family) => programsOf(family, this.#specs, options)).filter(isWanted);
    const programs = kernel.loadCollection(
      placed.map(({ program }) => program),
      { maps: this.#maps.maps },
    );
    this.#programs?.close();
    this.#programs = programs;
    this.#placed = placed;
    return options;
  }

  /** All programs but those that face elsewhere. Those that were not there before are detached again if one is refused. */
  #attachTo(device: string, exceptFacing: 'network' | 'pods'): void {
    const attached: string[] = [];
    try {
      for (const [order, { program, direction, faces }] of this.#placed.entries()) {
        if (faces === exceptFacing) continue;
        const name = linkName(program, device);
        const isNew = !this.#links.names.includes(name);
        const loaded = (this.#programs as kernel.Collection).program(program.name);
        const place = { device, direction };
        this.#links.attach(
          name,
          loaded,
          this.#hook === 'tcx' ? { kind: 'tcx', ...place } : { kind: 'clsact', ...place, order },
        );
        if (isNew) attached.push(name);
      }
    } catch (error) {
      for (const name of attached) this.#links.detach(name);
      throw error;
    }
  }

  /** A pod may be gone by now, and its device with it. */
  #attachAgain(device: string): void {
    try {
      this.#pods.set(device, this.#indexOf(device));
      this.#attachTo(device, 'network');
    } catch (error) {
      if (!isBpfError(error, 'ENODEV')) throw error;
      this.detachPod(device);
    }
  }

  #indexOf(device: string): number {
    const namespace = this.#namespace;
    return namespace === undefined
      ? kernel.deviceIndex(device)
      : kernel.inNamespace(namespace, () => kernel.deviceIndex(device));
  }

  /** Where a frontend is counted that is still in the maps. */
  #counterOf({ map, key }: EntryWrite): number | undefined {
    const value = this.kernelMap(map).getBytes(key);
    return value && SHAPES[familyOfMap(map)].layouts.service.decode(value).counter;
  }

  #tunnelSource(address: string): { readonly map: kernel.KernelMap; readonly key: Uint8Array } {
    const family = familyOf(address);
    const { base, bits } = prefixOf(address, family);
    const key = flowLayoutsOf(family).tunnelSourceKey.encode({ prefix: bits, address: base });
    return { map: this.kernelMap(`tunnel_src${family}`), key };
  }
}

/** What must be known where there is no tcx. */
const FILTERS =
  'programs are filters of clsact, not links of tcx (Linux 6.6): whoever may change filters of these devices can remove them, and filters of others with lower priorities are run before';

/** What the kernel has. */
export function usualHook(): Hook {
  return kernel.hasDeviceAttach('tcx_ingress') && kernel.hasDeviceAttach('tcx_egress') ? 'tcx' : 'clsact';
}

function linkName({ name }: ProgramSpec, device: string): string {
  return `${name}-${device}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A program, and where it is attached. */
export interface Placed {
  readonly program: ProgramSpec;
  readonly direction: 'ingress' | 'egress';
  /** The devices that it is for. */
  readonly faces: 'network' | 'pods' | 'both';
}

/** The maps and programs of a node, as they are made. */
export function nodeProgramsFor(
  options: DatapathOptions,
  { capacities, flows }: Pick<NodeDatapathOptions, 'capacities' | 'flows'> = {},
): { readonly specs: readonly MapSpec[]; readonly programs: readonly Placed[] } {
  const maps = datapathMaps(capacities, flows);
  return { specs: specsOf(maps), programs: FAMILIES.flatMap((family) => programsOf(family, maps, options)) };
}

/** Flows are timed by what this kernel counts. */
function withTime(options: ReloadOptions): ReloadOptions {
  return { jiffiesPerSecond: kernel.jiffiesPerSecond(), ...options };
}

function programsOf(family: 4 | 6, maps: DatapathMaps, options: DatapathOptions): readonly Placed[] {
  return [
    // what was in a tunnel may be for a frontend of the pod's node, and never the other way round
    { program: decapsulationProgram(family, maps, options), direction: 'ingress', faces: 'network' },
    { program: requestProgram(family, maps, options), direction: 'ingress', faces: 'network' },
    { program: replyProgram(family, maps, options), direction: 'egress', faces: 'both' },
    { program: insideProgram(family, maps, options), direction: 'ingress', faces: 'pods' },
  ];
}
