import { ATTACH_TYPES, type AttachType } from '../spec/program-types.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { bpf } from './syscall.ts';

/** What the kernel says of a map. */
export interface MapInfo {
  readonly type: number;
  readonly id: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly name: string;
}

/** What the kernel says of a program. */
export interface ProgramInfo {
  readonly type: number;
  readonly id: number;
  readonly name: string;
  /** A hash of its instructions, in hex. */
  readonly tag: string;
  /** Bytes of the machine's code that it became. */
  readonly jitedBytes: number;
  /** How many instructions the verifier looked at. */
  readonly verifiedInstructions: number;
  /** Time and number of runs, while statistics were on. */
  readonly runTimeNs: bigint;
  readonly runCount: bigint;
}

/** What the kernel says of a link. */
export interface LinkInfo {
  readonly type: number;
  readonly id: number;
  readonly programId: number;
  /** Of links to devices; 0 when the device is gone, or the link was detached. */
  readonly ifindex: number | undefined;
  readonly attachType: AttachType | undefined;
  /** Of links to a cgroup: its number, which is its folder's inode. */
  readonly cgroup: bigint | undefined;
}

const LINK = { cgroup: 3, xdp: 6, tcx: 11, netkit: 13 };

/** Asks the kernel of a map. */
export function mapInfo(fd: number): MapInfo {
  const info = ask(fd, 88);
  const word = (offset: number): number => info.readU32(offset);
  return {
    type: word(0),
    id: word(4),
    keySize: word(8),
    valueSize: word(12),
    maxEntries: word(16),
    flags: word(20),
    name: text(info, 24),
  };
}

/** Asks the kernel of a program. */
export function programInfoOf(fd: number): ProgramInfo {
  const info = ask(fd, 232);
  return {
    type: info.readU32(0),
    id: info.readU32(4),
    name: text(info, 64),
    tag: Buffer.from(info.bytes.subarray(8, 16)).toString('hex'),
    jitedBytes: info.readU32(16),
    verifiedInstructions: info.readU32(216),
    runTimeNs: info.readU64(192),
    runCount: info.readU64(200),
  };
}

/** Asks the kernel of a link. */
export function linkInfo(fd: number): LinkInfo {
  const info = ask(fd, 64);
  const type = info.readU32(0);
  const hasDevice = type === LINK.xdp || type === LINK.tcx || type === LINK.netkit;
  const attachAt = type === LINK.cgroup ? 24 : type === LINK.tcx || type === LINK.netkit ? 20 : undefined;
  return {
    type,
    id: info.readU32(4),
    programId: info.readU32(8),
    ifindex: hasDevice ? info.readU32(16) : undefined,
    attachType: type === LINK.xdp ? 'xdp' : attachAt === undefined ? undefined : attachName(info.readU32(attachAt)),
    cgroup: type === LINK.cgroup ? info.readU64(16) : undefined,
  };
}

function attachName(number: number): AttachType | undefined {
  const names = Object.entries(ATTACH_TYPES) as [AttachType, number][];
  return names.find(([, one]) => one === number)?.[0];
}

function ask(fd: number, size: number): Attributes {
  const info = new Attributes(size);
  bpf(COMMAND.info, new Attributes(16).u32(0, fd).u32(4, size).pointer(8, info.bytes), 'ask the kernel of an object');
  return info;
}

function text(info: Attributes, offset: number): string {
  const bytes = info.bytes.subarray(offset, offset + 16);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('latin1');
}

/** Has the kernel count runs and their time, of all programs, until this is closed. It costs each run some nanoseconds. */
export function enableStatistics(): Descriptor {
  return new Descriptor(bpf(COMMAND.enableStatistics, new Attributes(), 'enable statistics'), 'statistics');
}
