import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { kernel } from 'nekube/bpf';

/** Where a program of traffic control is attached by a filter. Lower orders are run first. */
export interface FilterPlace {
  readonly device: string;
  readonly direction: 'ingress' | 'egress';
  /** Among ours at this device and direction, from 0 to `ORDERS` - 1. */
  readonly order: number;
}

/** A filter that is attached, and under which priority. */
interface Filter {
  readonly ifindex: number;
  readonly direction: 'ingress' | 'egress';
  readonly priority: number;
}

/** How many of ours there may be at a device and direction: so many priorities in a row are ours alone. */
const ORDERS = 16;
/** Behind those of whom it matters to be first, and before those that have no number of their own, which the kernel counts down. */
const FIRST_PRIORITY = 1000;
/** What stands between a filter's name and its place, and of a queue that was added for filters. */
const MARK = '=clsact';

/**
 * Programs in filters of `clsact`, by names: for kernels without tcx (Linux 6.6). A filter stays when its process ends, and no file keeps it: an empty
 * folder beside the pins of links says what was put where, by which the next process finds it. All is of the network namespace of the caller.
 */
export class Filters {
  readonly #folder: string | undefined;
  readonly #filters = new Map<string, Filter>();
  readonly #queues = new Set<number>();

  /** @param folder a folder of a bpffs; absent: filters are removed with `close` */
  constructor(folder?: string) {
    this.#folder = folder;
    for (const file of this.#files()) this.#read(file);
  }

  /** Whether a file beside the pins of links is one of these. */
  static owns(file: string): boolean {
    return file.includes(MARK);
  }

  /** All that are known, also of an earlier process. */
  get names(): readonly string[] {
    return [...this.#filters.keys()];
  }

  /** Puts a program into the name's filter; where it is at another device, it is removed there. */
  attach(name: string, program: kernel.KernelProgram, { device, direction, order }: FilterPlace): void {
    const ifindex = kernel.deviceIndex(device);
    const known = this.#filters.get(name);
    const isSame = known !== undefined && known.ifindex === ifindex && known.direction === direction;
    if (known !== undefined && !isSame) this.detach(name);
    const filter = isSame ? known : this.#placeFor({ ifindex, direction, order }, program.spec.name);
    // before it is there, so that nothing is there that nobody knows of
    this.#remember(name, filter);
    if (kernel.addClassifierQueue(ifindex)) this.#rememberQueue(ifindex);
    kernel.attachClassifier(program, { device: ifindex, direction, priority: filter.priority });
  }

  /** A priority of its own, also beside what another version has put there. */
  #placeFor({ order, ...at }: Omit<Filter, 'priority'> & { readonly order: number }, program: string): Filter {
    let priority = this.#base(at.ifindex, at.direction, program) + order;
    const taken = [...this.#filters.values()].filter(
      (one) => one.ifindex === at.ifindex && one.direction === at.direction,
    );
    while (taken.some((one) => one.priority === priority)) priority++;
    return { ...at, priority };
  }

  /** Removes a filter; with the last one of a device the queue, if it was added for them and nobody else has filters in it. */
  detach(name: string): void {
    const filter = this.#filters.get(name);
    if (filter === undefined) return;
    const { ifindex, direction, priority } = filter;
    // the number may be another device's by now, and the place another's filter
    const isOurs = listed(ifindex, direction).some((one) => one.priority === priority && isNamedLike(name, one.name));
    if (isOurs) new kernel.Classifier({ device: ifindex, direction, priority }).detach();
    this.#filters.delete(name);
    this.#forget(fileOf(name, filter));
    if ([...this.#filters.values()].some((one) => one.ifindex === ifindex)) return;
    if (!this.#queues.delete(ifindex)) return;
    const isUsed = DIRECTIONS.some((one) => listed(ifindex, one).length > 0);
    if (!isUsed) kernel.removeClassifierQueue(ifindex);
    this.#forget(queueFile(ifindex));
  }

  /** Lets go of them: those that are written down stay. */
  close(): void {
    if (this.#folder === undefined) for (const name of this.names) this.detach(name);
    this.#filters.clear();
  }

  /** The first of so many priorities of which none is another's. */
  #base(ifindex: number, direction: 'ingress' | 'egress', program: string): number {
    const others = listed(ifindex, direction).filter(({ name = '' }) => !isOfFamily(name, program));
    let base = FIRST_PRIORITY;
    while (others.some(({ priority }) => priority >= base && priority < base + ORDERS)) base += ORDERS;
    return base;
  }

  #files(): readonly string[] {
    const folder = this.#folder;
    return folder !== undefined && existsSync(folder) ? readdirSync(folder).filter(Filters.owns) : [];
  }

  #read(file: string): void {
    const [, of = '', ifindex, direction, priority] = /^(.*)=clsact=(\d+)(?:=(\w+)=(\d+))?$/.exec(file) ?? [];
    if (direction === undefined) this.#queues.add(Number(ifindex));
    else
      this.#filters.set(of.replaceAll(':', '.'), {
        ifindex: Number(ifindex),
        direction: direction as Filter['direction'],
        priority: Number(priority),
      });
  }

  #remember(name: string, filter: Filter): void {
    this.#filters.set(name, filter);
    if (this.#folder !== undefined) mkdirSync(join(this.#folder, fileOf(name, filter)), { recursive: true });
  }

  #rememberQueue(ifindex: number): void {
    this.#queues.add(ifindex);
    if (this.#folder !== undefined) mkdirSync(join(this.#folder, queueFile(ifindex)), { recursive: true });
  }

  #forget(file: string): void {
    if (this.#folder !== undefined && existsSync(join(this.#folder, file))) rmdirSync(join(this.#folder, file));
  }
}

const DIRECTIONS = ['ingress', 'egress'] as const;

/** None where the device is gone. */
function listed(ifindex: number, direction: 'ingress' | 'egress'): readonly kernel.AttachedFilter[] {
  return kernel.attachedFilters(ifindex, direction);
}

/** Names of links are those of programs, and then of devices. */
function isNamedLike(name: string, program: string | undefined): boolean {
  return program !== undefined && name.startsWith(`${program}-`);
}

/** Programs of a datapath have names that begin alike: `lb4_request`, `lb6_reply`. */
function isOfFamily(name: string, program: string): boolean {
  const beginOf = (of: string): string => of.replace(/\d?_.*$/, '');
  return name !== '' && beginOf(name) === beginOf(program);
}

/** Files of a bpffs have no dots in their names, and devices no colons. */
function fileOf(name: string, { ifindex, direction, priority }: Filter): string {
  return `${name.replaceAll('.', ':')}${MARK}=${ifindex}=${direction}=${priority}`;
}

function queueFile(ifindex: number): string {
  return `${MARK}=${ifindex}`;
}
