import { existsSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type AttachType, isBpfError, kernel } from 'nekube/bpf';
import { type FilterPlace, Filters } from './filters.ts';

/** Where a program is attached. Devices are those of the network namespace of the links. */
export type LinkPlace =
  | {
      readonly kind: 'tcx';
      readonly device: string;
      readonly direction: 'ingress' | 'egress';
      readonly order?: 'first' | 'last';
    }
  /** By a filter, where the kernel has no tcx. */
  | ({ readonly kind: 'clsact' } & FilterPlace)
  | { readonly kind: 'xdp'; readonly device: string; readonly mode?: kernel.XdpMode }
  /** By the folder of the cgroup v2. */
  | { readonly kind: 'cgroup'; readonly folder: string; readonly type: AttachType };

/** Where links are pinned, and where their devices are. */
export interface LinksOptions {
  /** A folder of a bpffs, or one to be made in it; absent: links end with this process. */
  readonly folder?: string;
  /** The file of a network namespace; default: this process's own. */
  readonly namespace?: string;
}

/**
 * Programs that are attached, by names. With a folder they stay attached when this process ends, however it ends; the next one that
 * attaches something by the same name puts its program into the place, with no packet between.
 */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<string, kernel.KernelLink>();
  readonly #filters: Filters;
  /** The filters that were attached by this. */
  readonly #filtered = new Set<string>();

  constructor(options: LinksOptions = {}) {
    this.#options = options;
    this.#filters = new Filters(options.folder);
  }

  /** Those that were attached by this. */
  get names(): readonly string[] {
    return [...this.#links.keys(), ...this.#filtered];
  }

  /**
   * Attaches a program; where the same name is attached to the same place already, the program is replaced.
   *
   * @throws BpfError there is no such device, another program has the place (`EBUSY`, of XDP), or no right to it
   */
  attach(name: string, program: kernel.KernelProgram, place: LinkPlace): void {
    if (place.kind === 'clsact') this.#attachFilter(name, program, place);
    else {
      this.#attachLink(name, program, place);
      // of an older kernel, or of another choice
      this.#detachFilter(name);
    }
  }

  #attachFilter(name: string, program: kernel.KernelProgram, place: FilterPlace): void {
    this.#within(() => this.#filters.attach(name, program, place));
    this.#filtered.add(name);
    const link = this.#links.get(name) ?? this.#adopt(name);
    if (link !== undefined) this.#end(name, link);
  }

  #detachFilter(name: string): void {
    this.#filtered.delete(name);
    if (this.#filters.names.includes(name)) this.#within(() => this.#filters.detach(name));
  }

  #attachLink(name: string, program: kernel.KernelProgram, place: RealPlace): void {
    const known = this.#links.get(name) ?? this.#adopt(name);
    if (known !== undefined && this.#within(() => isAt(known, place))) {
      known.update(program);
      this.#links.set(name, known);
      return;
    }
    // of a device or a cgroup that is gone, or of another of the same name
    if (known !== undefined) this.#end(name, known);
    const link = this.#within(() => attachTo(program, place));
    try {
      if (this.#options.folder !== undefined) kernel.pin(link, this.#path(name));
    } catch (error) {
      link.close();
      throw error;
    }
    this.#links.set(name, link);
  }

  /** Detaches one; nothing if there is none. */
  detach(name: string): void {
    const link = this.#links.get(name) ?? this.#adopt(name);
    if (link !== undefined) this.#end(name, link);
    this.#detachFilter(name);
  }

  /** Detaches those that are pinned, and were not attached by this: what another version, or another configuration, has left. */
  detachOthers(): readonly string[] {
    const links = this.#pinned().map(nameOf);
    const others = [...links, ...this.#filters.names].filter((name) => !this.names.includes(name));
    for (const name of others) this.detach(name);
    return others;
  }

  /** Lets go of the links: those that are pinned stay attached, all others are detached. */
  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#within(() => this.#filters.close());
    this.#filtered.clear();
  }

  /** Detaches all, also those that are pinned. */
  remove(): void {
    for (const name of this.names) this.detach(name);
    this.detachOthers();
  }

  #pinned(): readonly string[] {
    const { folder } = this.#options;
    return folder !== undefined && existsSync(folder) ? readdirSync(folder).filter((file) => !Filters.owns(file)) : [];
  }

  #adopt(name: string): kernel.KernelLink | undefined {
    if (this.#options.folder === undefined) return undefined;
    try {
      return kernel.openPinnedLink(this.#path(name));
    } catch (error) {
      if (isBpfError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #end(name: string, link: kernel.KernelLink): void {
    this.#links.delete(name);
    try {
      // its file may be opened by another process, which would keep it
      link.detach();
    } catch (error) {
      // its device is gone, and it with it
      if (!isBpfError(error, 'ENOLINK')) throw error;
    } finally {
      link.close();
      if (this.#options.folder !== undefined && existsSync(this.#path(name))) unlinkSync(this.#path(name));
    }
  }

  #path(name: string): string {
    return join(this.#options.folder ?? '', fileOf(name));
  }

  #within<T>(work: () => T): T {
    const { namespace } = this.#options;
    return namespace === undefined ? work() : kernel.inNamespace(namespace, work);
  }
}

/** The names of devices have dots, those of files in a bpffs have none, and devices have no colons. */
const fileOf = (name: string): string => name.replaceAll('.', ':');
const nameOf = (file: string): string => file.replaceAll(':', '.');

/** All but filters. */
type RealPlace = Exclude<LinkPlace, { readonly kind: 'clsact' }>;

function isAt(link: kernel.KernelLink, place: RealPlace): boolean {
  const info = link.info();
  if (place.kind === 'cgroup')
    return info.attachType === place.type && info.cgroup === statSync(place.folder, { bigint: true }).ino;
  const type = place.kind === 'xdp' ? 'xdp' : `tcx_${place.direction}`;
  return info.attachType === type && info.ifindex === kernel.deviceIndex(place.device);
}

function attachTo(program: kernel.KernelProgram, place: RealPlace): kernel.KernelLink {
  if (place.kind === 'cgroup') return kernel.attachCgroup(program, place.folder, place.type);
  if (place.kind === 'xdp') return kernel.attachXdp(program, place.device, place.mode);
  return kernel.attachTcx(program, place.device, place.direction, place.order);
}
