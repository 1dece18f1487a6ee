import type { Struct } from '../layout/struct.ts';
import { BpfSock, BpfSockAddr, SkBuff, XdpMd } from '../layout/contexts.ts';
import type { ProgramType } from '../spec/program-types.ts';
import { InterpreterFault } from './fault.ts';
import { ByteRegion } from './memory.ts';
import type { Packet } from './packet.ts';

/** Fields of `__sk_buff` that programs may write. */
const SKB_WRITABLE = [
  'mark',
  'priority',
  'tcIndex',
  'cb0',
  'cb1',
  'cb2',
  'cb3',
  'cb4',
  'queueMapping',
  'tcClassid',
  'tstamp',
];
/** Fields of `bpf_sock_addr` that programs may write. */
const SOCK_ADDR_WRITABLE = ['userIp4', 'userIp6', 'userPort', 'messageSourceIp4', 'messageSourceIp6'];
/** Fields of `bpf_sock` that programs may write. */
const SOCK_WRITABLE = ['boundDevice', 'mark', 'priority'];
/** Those of each kind of context. */
const WRITABLE: Readonly<Record<string, readonly string[]>> = {
  __sk_buff: SKB_WRITABLE,
  bpf_sock_addr: SOCK_ADDR_WRITABLE,
  bpf_sock: SOCK_WRITABLE,
};

/** The layout of a kind of program's context. */
export function contextLayout(type: ProgramType): Struct<never> {
  if (type === 'xdp') return XdpMd as unknown as Struct<never>;
  if (type === 'cgroup_sock_addr') return BpfSockAddr as unknown as Struct<never>;
  if (type === 'cgroup_sock') return BpfSock as unknown as Struct<never>;
  if (['sched_cls', 'sched_act', 'cgroup_skb', 'socket_filter', 'lwt_in', 'lwt_out', 'lwt_xmit'].includes(type))
    return SkBuff as unknown as Struct<never>;
  throw new InterpreterFault(`is of type ${type}, whose context the interpreter does not know`);
}

/** What a program is given: fields that are numbers, and addresses of the packet where there is one. */
export class Context extends ByteRegion {
  readonly #layout: Struct;
  readonly #packet: Packet | undefined;
  readonly #writable: readonly string[];

  constructor(type: ProgramType, bytes: Uint8Array, packet: Packet | undefined) {
    super('the context', bytes);
    this.#layout = contextLayout(type) as unknown as Struct;
    this.#packet = packet;
    this.#writable = WRITABLE[this.#layout.name] ?? [];
  }

  override load(offset: number, size: number): bigint {
    const packet = this.#packet;
    if (packet === undefined) return super.load(offset, size);
    const { offsets } = this.#layout;
    if (offset === offsets['data']) return packet.data;
    if (offset === offsets['dataEnd']) return packet.dataEnd;
    if (offset === offsets['dataMeta']) return packet.dataMeta;
    const isLength = this.#layout.name === '__sk_buff' && offset === offsets['length'];
    return isLength ? BigInt(packet.length) : super.load(offset, size);
  }

  override store(offset: number, size: number, value: bigint): void {
    const { offsets, fields } = this.#layout;
    const isWritable = this.#writable.some(
      (name) => offset >= offsets[name]! && offset + size <= offsets[name]! + fields[name]!.size,
    );
    if (!isWritable)
      throw new InterpreterFault(`writes ${size} bytes at ${offset} of the context, which it may only read`);
    super.store(offset, size, value);
  }

  /** A field's number. */
  get(field: string): number {
    return Number(super.load(this.#layout.offsets[field]!, 4));
  }

  /** Sets a field from outside of the program. */
  put(field: string, value: number): void {
    super.store(this.#layout.offsets[field]!, 4, BigInt(value));
  }
}

/** The context that a packet comes with, as test runs of the kernel have it: on the loopback device. */
export function packetContext(type: ProgramType, data: Uint8Array): Uint8Array {
  const layout = contextLayout(type) as unknown as Struct;
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  const put = (field: string, value: number): void => view.setUint32(layout.offsets[field]!, value, true);
  put('ingressIfindex', 1);
  if (layout.name !== '__sk_buff') return bytes;
  put('ifindex', 1);
  const frame = new DataView(data.buffer, data.byteOffset, data.length);
  const type_ = data.length >= 14 ? frame.getUint16(12, true) : 0;
  put('protocol', type_);
  put('packetType', packetType(data));
  return bytes;
}

/** Whom a frame is for, seen from a device whose address is zeros. */
function packetType(data: Uint8Array): number {
  const destination = data.subarray(0, 6);
  if (destination.every((byte) => byte === 0)) return 0;
  if (destination.every((byte) => byte === 0xff)) return 1;
  return (destination[0]! & 1) === 1 ? 2 : 3;
}
