import { closeSync, openSync } from 'node:fs';
import { BpfError, NotSupportedError } from '../errors.ts';
import { ATTACH_TYPES, type AttachType } from '../spec/program-types.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { type LinkInfo, linkInfo } from './info.ts';
import { errnoName, native } from './native.ts';
import type { KernelProgram } from './program.ts';
import { bpf, tryBpf } from './syscall.ts';

const XDP_GENERIC = 2;
const XDP_NATIVE = 4;
/** Relative to the programs that are attached already. */
const BEFORE = 8;
const REPLACE = 4;

/** That a program is attached: closing it detaches the program, unless the link is pinned. */
export class KernelLink extends Descriptor {
  constructor(fd: number, what: string) {
    super(fd, `link ${what}`);
  }

  /**
   * Puts another program into the place of the one that is attached, with no packet between both that meets none.
   *
   * @throws BpfError `EPERM` if `expected` is given, and is not the program that is attached.
   */
  update(program: KernelProgram, expected?: KernelProgram): void {
    const attributes = new Attributes()
      .u32(0, this.fd)
      .u32(4, program.fd)
      .u32(8, expected ? REPLACE : 0)
      .u32(12, expected?.fd ?? 0);
    bpf(COMMAND.linkUpdate, attributes, `replace the program of a link by "${program.spec.name}"`);
  }

  /** Detaches the program now, also where the link is pinned. */
  detach(): void {
    bpf(COMMAND.linkDetach, new Attributes().u32(0, this.fd), 'detach a link');
  }

  info(): LinkInfo {
    return linkInfo(this.fd);
  }
}

/** The device by its name, in the network namespace of the caller, or by its number. */
export type Device = string | number;

/** How an XDP program is attached: by the driver, by the network stack, or by what of both there is. */
export type XdpMode = 'native' | 'generic' | 'any';

/**
 * Attaches an XDP program to a device.
 *
 * @throws NotSupportedError the driver has no XDP, for mode `native`; BpfError `EBUSY` another is attached, `ENODEV` there is
 *   no such device.
 */
export function attachXdp(program: KernelProgram, device: Device, mode: XdpMode = 'any'): KernelLink {
  const flags = { native: XDP_NATIVE, generic: XDP_GENERIC, any: 0 }[mode];
  const attributes = new Attributes().u32(4, deviceIndex(device)).u32(8, ATTACH_TYPES.xdp).u32(12, flags);
  return link(program, attributes, `xdp (${mode}) of ${device}`);
}

/** Attaches a program of traffic control (6.6), behind those that are attached already, or before them. */
export function attachTcx(
  program: KernelProgram,
  device: Device,
  direction: 'ingress' | 'egress',
  order: 'first' | 'last' = 'last',
): KernelLink {
  const type = ATTACH_TYPES[`tcx_${direction}`];
  const attributes = new Attributes()
    .u32(4, deviceIndex(device))
    .u32(8, type)
    .u32(12, order === 'first' ? BEFORE : 0);
  return link(program, attributes, `tcx ${direction} of ${device}`);
}

/** Attaches a program to a netkit device (6.7), to the side that is in the host or to the one in the pod. */
export function attachNetkit(program: KernelProgram, device: Device, side: 'primary' | 'peer'): KernelLink {
  const attributes = new Attributes().u32(4, deviceIndex(device)).u32(8, ATTACH_TYPES[`netkit_${side}`]);
  return link(program, attributes, `netkit ${side} of ${device}`);
}

/** Attaches a program to a group of processes, by the folder of its cgroup v2. */
export function attachCgroup(program: KernelProgram, folder: string, type: AttachType): KernelLink {
  return attachToFile(program, folder, type, `${type} of ${folder}`);
}

/** Attaches a program to a network namespace, by its file: `/proc/self/ns/net`, or one below `/run/netns`. */
export function attachNamespace(program: KernelProgram, file: string, type: AttachType): KernelLink {
  return attachToFile(program, file, type, `${type} of ${file}`);
}

function attachToFile(program: KernelProgram, path: string, type: AttachType, what: string): KernelLink {
  const fd = openSync(path, 'r');
  try {
    return link(program, new Attributes().u32(4, fd).u32(8, ATTACH_TYPES[type]), what);
  } finally {
    closeSync(fd);
  }
}

function link(program: KernelProgram, attributes: Attributes, what: string): KernelLink {
  const fd = tryBpf(COMMAND.linkCreate, attributes.u32(0, program.fd));
  if (typeof fd === 'number') return new KernelLink(fd, what);
  const action = `attach program "${program.spec.name}" to ${what}`;
  if (fd === 'EOPNOTSUPP') throw new NotSupportedError(what, 'the device does not have it', new BpfError(action, fd));
  throw new BpfError(action, fd, fd === 'EBUSY' ? 'another program is attached there' : undefined);
}

/** @throws BpfError there is no device of that name in this network namespace. */
export function deviceIndex(device: Device): number {
  if (typeof device === 'number') return device;
  const index = native().deviceIndex(device);
  if (index === 0) throw new BpfError(`find device "${device}"`, 'ENODEV', 'there is none in this network namespace');
  return index;
}

const AF_INET = 2;
const DATAGRAMS = 2 | 0x80000;
const SO_NETNS_COOKIE = 71;

/**
 * The cookie of this thread's network namespace (see `inNamespace`), as programs have it by `get_netns_cookie`.
 *
 * @throws BpfError the kernel does not tell it (5.14)
 */
export function namespaceCookie(): bigint {
  const fd = native().socket(AF_INET, DATAGRAMS, 0);
  const cookie = new Uint8Array(new ArrayBuffer(8));
  const isTold = fd >= 0 && native().socketOption(fd, SO_NETNS_COOKIE, cookie) === 0;
  const code = isTold ? '' : errnoName(native().errno());
  if (fd >= 0) native().close(fd);
  if (!isTold) throw new BpfError('ask for the cookie of a network namespace', code);
  return new DataView(cookie.buffer).getBigUint64(0, true);
}

const NEW_NETWORK = 0x4000_0000;

/**
 * Does something in another network namespace, by its file: devices are looked up and programs attached there. `work` must
 * not wait: the thread is back before this returns, and everything else of the process never leaves.
 */
export function inNamespace<T>(file: string, work: () => T): T {
  const [home, target] = [openSync('/proc/thread-self/ns/net', 'r'), openSync(file, 'r')];
  const enter = (fd: number): void => {
    if (native().setns(fd, NEW_NETWORK) < 0) throw new BpfError(`enter ${file}`, errnoName(native().errno()));
  };
  try {
    enter(target);
    try {
      return work();
    } finally {
      enter(home);
    }
  } finally {
    closeSync(home);
    closeSync(target);
  }
}
