import { BpfError } from '../errors.ts';
import { i32, u16, u32, u8 } from '../layout/scalar.ts';
import { pad } from '../layout/sequence.ts';
import { struct } from '../layout/struct.ts';
import { type Device, deviceIndex } from './link.ts';
import { errnoName, native } from './native.ts';
import type { KernelProgram } from './program.ts';

/** A message of rtnetlink of traffic control: netlink's header, and which queue or filter it is about. For this folder alone. */
export const Message = struct('tc_message', {
  length: u32,
  type: u16,
  flags: u16,
  sequence: u32,
  port: u32,
  family: u8,
  _gap: pad(3),
  ifindex: i32,
  handle: u32,
  parent: u32,
  info: u32,
});
const TYPE = { newQueue: 36, deleteQueue: 37, newFilter: 44, deleteFilter: 45, error: 2 } as const;
const FLAG = { request: 1, acknowledge: 4, replace: 0x100, exclusive: 0x200, create: 0x400 } as const;
const ATTRIBUTE = { kind: 1, options: 2, fd: 6, name: 7, flags: 8 } as const;
/** The queue that holds filters and queues nothing. */
const CLSACT = { handle: 0xffff_0000, parent: 0xffff_fff1 } as const;
/** Its two lists of them. For this folder alone. */
export const LISTS = { ingress: 0xffff_fff2, egress: 0xffff_fff3 } as const;
/** All protocols, in the network's order. */
const ALL_PROTOCOLS = 0x0300;
/** What the program returns is what becomes of the packet. */
const DIRECT_ACTION = 1;
/** Filters of one priority are told apart by it; of ours each has its own priority. */
const HANDLE = 1;
const [NETLINK, RAW_CLOSE_ON_EXEC, ROUTE] = [16, 0x80003, 0];

/** Where a classifier is. Lower priorities are run first; of two of one priority there is only one. */
export interface ClassifierPlace {
  readonly device: Device;
  readonly direction: 'ingress' | 'egress';
  /** From 1 to 65535. */
  readonly priority: number;
}

/**
 * A program of traffic control in a filter of the device's `clsact`, for kernels before 6.6, which have no links there. A filter is no descriptor:
 * it stays until it is removed, also when this process has ended, and whoever may change the device's filters can take its place.
 */
export class Classifier {
  readonly #place: ClassifierPlace & { readonly device: number };

  constructor(place: ClassifierPlace & { readonly device: number }) {
    this.#place = place;
  }

  /** Puts another program into the place, with no packet between both that meets none. */
  update(program: KernelProgram): void {
    putFilter(program, this.#place, FLAG.create | FLAG.replace);
  }

  /** Removes the filter; the `clsact` stays, since it may have others'. One that is gone with its device is removed already. */
  detach(): void {
    const result = tell(filterMessage(TYPE.deleteFilter, 0, this.#place, [attribute(ATTRIBUTE.kind, text('bpf'))]));
    if (result !== 0 && !['ENOENT', 'ENODEV', 'EINVAL'].includes(errnoName(result)))
      throw new BpfError(`remove the filter ${nameOf(this.#place)}`, errnoName(result));
  }

  [Symbol.dispose](): void {
    this.detach();
  }
}

/**
 * Attaches a program by a filter, in the network namespace of the caller (see `inNamespace`). A filter that has the place already is
 * replaced: it is one that an earlier process has left.
 *
 * @throws BpfError the device is not there, or there is no right to it
 */
export function attachClassifier(program: KernelProgram, place: ClassifierPlace): Classifier {
  const { priority } = place;
  if (!Number.isInteger(priority) || priority < 1 || priority > 0xffff)
    throw new RangeError(`A priority must be from 1 to 65535, and not ${priority}`);
  const found = { ...place, device: deviceIndex(place.device) };
  addClassifierQueue(place.device);
  putFilter(program, found, FLAG.create | FLAG.replace);
  return new Classifier(found);
}

/**
 * Adds a `clsact` to a device.
 *
 * @returns false if there is one already: another's, or of an earlier process
 * @throws BpfError the device is not there, or there is no right to it
 */
export function addClassifierQueue(device: Device): boolean {
  const queue = { type: TYPE.newQueue, flags: FLAG.create | FLAG.exclusive, ...CLSACT, info: 0 };
  const result = tell(message(queue, deviceIndex(device), [attribute(ATTRIBUTE.kind, text('clsact'))]));
  if (result !== 0 && errnoName(result) !== 'EEXIST')
    throw new BpfError(`add a clsact to device ${device}`, errnoName(result));
  return result === 0;
}

/** Removes the `clsact` of a device with all filters in it; nothing if there is none, or no such device. */
export function removeClassifierQueue(device: number): void {
  const queue = { type: TYPE.deleteQueue, flags: 0, ...CLSACT, info: 0 };
  const result = tell(message(queue, device, [attribute(ATTRIBUTE.kind, text('clsact'))]));
  if (result !== 0 && !['ENOENT', 'ENODEV', 'EINVAL'].includes(errnoName(result)))
    throw new BpfError(`remove the clsact of device ${device}`, errnoName(result));
}

function putFilter(program: KernelProgram, place: ClassifierPlace & { readonly device: number }, flags: number): void {
  const options = [
    attribute(ATTRIBUTE.fd, word(program.fd)),
    attribute(ATTRIBUTE.name, text(program.spec.name)),
    attribute(ATTRIBUTE.flags, word(DIRECT_ACTION)),
  ];
  const attributes = [
    attribute(ATTRIBUTE.kind, text('bpf')),
    attribute(ATTRIBUTE.options, new Uint8Array(Buffer.concat(options))),
  ];
  const result = tell(filterMessage(TYPE.newFilter, flags, place, attributes));
  if (result !== 0)
    throw new BpfError(`attach program "${program.spec.name}" to the filter ${nameOf(place)}`, errnoName(result));
}

function nameOf({ direction, device, priority }: ClassifierPlace): string {
  return `${priority} at ${direction} of device ${device}`;
}

function filterMessage(
  type: number,
  flags: number,
  { device, direction, priority }: ClassifierPlace & { readonly device: number },
  attributes: readonly Uint8Array[],
): Uint8Array {
  const info = priority * 0x1_0000 + ALL_PROTOCOLS;
  return message({ type, flags, handle: HANDLE, parent: LISTS[direction], info }, device, attributes);
}

function message(
  fields: Readonly<Record<'type' | 'flags' | 'handle' | 'parent' | 'info', number>>,
  ifindex: number,
  attributes: readonly Uint8Array[],
): Uint8Array {
  const body = Buffer.concat(attributes);
  const flags = fields.flags | FLAG.request | FLAG.acknowledge;
  const whole = { ...fields, flags, length: Message.size + body.length, sequence: 1, port: 0, family: 0, ifindex };
  return new Uint8Array(Buffer.concat([Message.encode(whole), body]));
}

/** Its length and type before it, and zeros to a multiple of four bytes behind. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  new DataView(bytes.buffer).setUint32(0, (type << 16) | (4 + value.length), true);
  bytes.set(value, 4);
  return bytes;
}

const word = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(`${value}\0`));

/** Sends a message; gives the number of the error that it is answered with, 0 for none. */
function tell(bytes: Uint8Array): number {
  const fd = native().socket(NETLINK, RAW_CLOSE_ON_EXEC, ROUTE);
  if (fd < 0) throw new BpfError('open a socket of rtnetlink', errnoName(native().errno()));
  try {
    const answer = new Uint8Array(new ArrayBuffer(8192));
    if (native().send(fd, bytes) < 0) return native().errno();
    const length = native().receive(fd, answer);
    if (length < 0) return native().errno();
    const view = new DataView(answer.buffer);
    return view.getUint16(4, true) === TYPE.error ? -view.getInt32(16, true) : 0;
  } finally {
    native().close(fd);
  }
}
