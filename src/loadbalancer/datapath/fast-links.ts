import { isBpfError, isNotSupportedError, kernel } from 'nekube/bpf';
import type { Links } from '../pins/links.ts';
import { type Attach, type FastPlace, fastPlaces } from './fast-attach.ts';
import { fastPathProgram } from './fast-path.ts';
import type { DatapathMaps } from './maps.ts';
import type { DatapathOptions } from './options.ts';

/** What the fast path shares with all other programs of a node. */
interface FastLinksOptions {
  readonly specs: DatapathMaps;
  readonly maps: readonly kernel.KernelMap[];
  readonly links: Links;
  /** The file of the devices' network namespace. */
  readonly namespace: string | undefined;
}

/** The modes that are attached. */
const MODES: readonly kernel.XdpMode[] = ['native', 'generic'];
/** What all links of the fast path are called by. */
const PREFIX = 'lb_fast_';
/** The name of a device's link; a link keeps its mode. */
const linkName = ({ device, mode }: Pick<FastPlace, 'device' | 'mode'>): string => `${PREFIX}${mode}-${device}`;

/** The fast path at a node's devices. */
export class FastLinks {
  readonly #options: FastLinksOptions;
  #notes: readonly string[] = [];

  constructor(options: FastLinksOptions) {
    this.#options = options;
  }

  /** What must be known of it where it is attached, and why it is not where it is not, a sentence each. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /**
   * Attaches it where it is wanted, and detaches it everywhere else.
   *
   * @throws NotSupportedError, BpfError a device cannot have it, and must
   */
  attach(options: DatapathOptions & { readonly devices: readonly string[]; readonly attach?: Attach }): void {
    const { links } = this.#options;
    const devices = options.devices.map((device) => ({
      device,
      driver: this.#within(() => kernel.deviceDriver(device)),
    }));
    const { places, notes } = fastPlaces(devices, options.attach ?? 'tcx');
    const wanted = places.map(linkName);
    // a device has one program of XDP: another mode's may be there, also from an earlier process
    for (const mode of MODES)
      for (const { device } of devices)
        if (!wanted.includes(linkName({ device, mode }))) links.detach(linkName({ device, mode }));
    const told = [...notes];
    let left = places;
    for (;;) {
      const refused = left.length === 0 ? undefined : this.#attachTo(left, options);
      if (refused === undefined) break;
      // the others must not send to it
      left = left.filter((place) => place !== refused.place);
      told.push(`${refused.place.device} does without XDP: ${refused.reason}`);
    }
    const names = left.map(linkName);
    for (const name of links.names) if (name.startsWith(PREFIX) && !names.includes(name)) links.detach(name);
    this.#notes = told;
  }

  /** Attaches it to all of these; or gives the one that refused it, though it may do without. */
  #attachTo(places: readonly FastPlace[], options: DatapathOptions) {
    const { specs, maps, links } = this.#options;
    const targets = this.#within(() => places.map(({ device }) => kernel.deviceIndex(device)));
    const spec = fastPathProgram(specs, { ...options, targets });
    const loaded = kernel.loadCollection([spec], { maps });
    try {
      for (const place of places) {
        const { device, mode, isOptional } = place;
        try {
          links.attach(linkName(place), loaded.program(spec.name), { kind: 'xdp', device, mode });
        } catch (error) {
          if (!isOptional || !(isBpfError(error) || isNotSupportedError(error))) throw error;
          return { place, reason: error.message };
        }
      }
      return undefined;
    } finally {
      loaded.close();
    }
  }

  #within<T>(work: () => T): T {
    const { namespace } = this.#options;
    return namespace === undefined ? work() : kernel.inNamespace(namespace, work);
  }
}
