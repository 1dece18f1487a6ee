import { isBpfError, isNotSupportedError, kernel, type MapType } from 'nekube/bpf';
import { whyRefusedHere } from './rights.ts';

/** Something that a datapath makes use of, and whether it is to be had here. */
export interface Ability {
  readonly name: string;
  /** From which version on Linux has it. */
  readonly since: string;
  readonly isHere: boolean;
  /** What becomes of it where it is not there: nothing works, or what is used instead. */
  readonly without: string;
  readonly isNeeded: boolean;
}

interface Probe extends Omit<Ability, 'isHere'> {
  readonly ask: () => boolean;
}

const NOTHING = 'nothing is balanced';
const MAPS: readonly MapType[] = ['hash', 'lru_hash', 'lpm_trie', 'array', 'percpu_array'];

const PROBES: readonly Probe[] = [
  {
    name: 'maps: hash, LRU, trie, array',
    since: '4.11',
    ask: () => MAPS.every((type) => kernel.hasMapType(type)),
    without: NOTHING,
    isNeeded: true,
  },
  {
    name: 'programs of traffic control',
    since: '4.1',
    ask: () => kernel.hasProgramType('sched_cls'),
    without: NOTHING,
    isNeeded: true,
  },
  {
    name: 'tcx',
    since: '6.6',
    ask: () => kernel.hasDeviceAttach('tcx_ingress') && kernel.hasDeviceAttach('tcx_egress'),
    without: 'programs are filters of clsact, which others may remove',
    isNeeded: false,
  },
  {
    name: 'fib_lookup, redirect_neigh',
    since: '5.10',
    ask: () => kernel.hasHelper('sched_cls', 'fib_lookup') && kernel.hasHelper('sched_cls', 'redirect_neigh'),
    without: NOTHING,
    isNeeded: true,
  },
  {
    name: 'ktime_get_coarse_ns, jiffies64',
    since: '5.11',
    ask: () => kernel.hasHelper('sched_cls', 'ktime_get_coarse_ns') && kernel.hasHelper('sched_cls', 'jiffies64'),
    without: NOTHING,
    isNeeded: true,
  },
  {
    name: 'ring buffer',
    since: '5.8',
    ask: () => kernel.hasMapType('ringbuf') && kernel.hasHelper('sched_cls', 'ringbuf_output'),
    without: 'drops are counted, and not shown singly',
    isNeeded: false,
  },
  {
    name: 'programs of cgroups at connect',
    since: '4.17',
    ask: () => kernel.hasProgramType('cgroup_sock_addr'),
    without: 'pods are balanced at their devices, processes of the machine itself not at all',
    isNeeded: false,
  },
  {
    name: 'XDP',
    since: '4.8',
    ask: () => kernel.hasProgramType('xdp'),
    without: 'all packets are taken by traffic control',
    isNeeded: false,
  },
];

/** What the kernel has of what datapaths use, found out by trying. */
export function kernelAbilities(): readonly Ability[] {
  return PROBES.map(({ ask, ...probe }) => ({ ...probe, isHere: ask() }));
}

/**
 * Why nothing can be loaded here, in a line that names what is missing: the system, the package, a capability; undefined if nothing is.
 * It is tried, since neither a user's number nor a version tells.
 */
export function whyNoDatapath(): string | undefined {
  try {
    const lacking = kernelAbilities().filter(({ isNeeded, isHere }) => isNeeded && !isHere);
    if (lacking.length === 0) return undefined;
    return `This kernel lacks ${lacking.map(({ name, since }) => `${name} (Linux ${since})`).join(', ')}`;
  } catch (error) {
    if (isNotSupportedError(error)) return error.message;
    if (isBpfError(error, 'EPERM')) return `${whyRefusedHere()}: ${error.message.replace(/ \(needs .*\)$/, '')}`;
    throw error;
  }
}
