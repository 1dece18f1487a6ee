import { BpfError } from '../errors.ts';
import { LISTS, Message } from './classifier.ts';
import { type Device, deviceIndex } from './link.ts';
import { errnoName, native } from './native.ts';

/** A filter of a device's `clsact`, ours or another's. */
export interface AttachedFilter {
  readonly priority: number;
  /** Its kind: `bpf`, `u32`, `flower`. */
  readonly kind: string;
  /** Of the program, if it has one. */
  readonly name?: string;
}

const TYPE = { filter: 44, get: 46, error: 2, done: 3 } as const;
const REQUEST_ALL = 0x301;
const [KIND, OPTIONS, PROGRAM_NAME] = [1, 2, 7];
const HEADER_BYTES = 16;
const ANSWER_BYTES = 1 << 16;
const [NETLINK, RAW_CLOSE_ON_EXEC, ROUTE] = [16, 0x80003, 0];

/**
 * The filters of a device in the order in which they are run; none where it has no `clsact`.
 *
 * @throws BpfError there is no such device
 */
export function attachedFilters(device: Device, direction: 'ingress' | 'egress'): readonly AttachedFilter[] {
  const fd = native().socket(NETLINK, RAW_CLOSE_ON_EXEC, ROUTE);
  if (fd < 0) throw new BpfError('open a socket of rtnetlink', errnoName(native().errno()));
  try {
    const ask = { length: Message.size, type: TYPE.get, flags: REQUEST_ALL, sequence: 1, port: 0, family: 0 };
    const about = { ifindex: deviceIndex(device), handle: 0, parent: LISTS[direction], info: 0 };
    if (native().send(fd, Message.encode({ ...ask, ...about })) < 0)
      throw new BpfError(`list the filters of device ${device}`, errnoName(native().errno()));
    const found = new Map<number, AttachedFilter>();
    for (const filter of answers(fd))
      if (filter.name !== undefined || !found.has(filter.priority)) found.set(filter.priority, filter);
    return [...found.values()].sort((a, b) => a.priority - b.priority);
  } finally {
    native().close(fd);
  }
}

/** All that comes until the end of the list; each priority is told of before its filters are. */
function* answers(fd: number): Iterable<AttachedFilter> {
  const buffer = new Uint8Array(new ArrayBuffer(ANSWER_BYTES));
  for (;;) {
    const length = native().receive(fd, buffer);
    if (length <= 0) return;
    for (let from = 0; from + HEADER_BYTES <= length; ) {
      const message = new DataView(buffer.buffer, from, length - from);
      const [bytes, type] = [message.getUint32(0, true), message.getUint16(4, true)];
      if (type === TYPE.done || type === TYPE.error || bytes < HEADER_BYTES) return;
      if (type === TYPE.filter) yield filterIn(buffer.slice(from, from + bytes));
      from += (bytes + 3) & ~3;
    }
  }
}

function filterIn(bytes: Uint8Array): AttachedFilter {
  const { info } = Message.decode(bytes.slice(0, Message.size));
  const attributes = attributesIn(bytes.subarray(Message.size));
  const options = attributesIn(attributes.get(OPTIONS) ?? new Uint8Array());
  const name = options.get(PROGRAM_NAME);
  return { priority: info >>> 16, kind: textOf(attributes.get(KIND)), ...(name && { name: textOf(name) }) };
}

function attributesIn(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Map<number, Uint8Array>();
  for (let from = 0; from + 4 <= bytes.length; ) {
    const [length, type] = [view.getUint16(from, true), view.getUint16(from + 2, true) & 0x3fff];
    if (length < 4) break;
    found.set(type, bytes.subarray(from + 4, from + length));
    from += (length + 3) & ~3;
  }
  return found;
}

/** Without the zero at its end. */
function textOf(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString().replace(/\0.*$/, '');
}
