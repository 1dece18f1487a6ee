import { failure } from '../errno.ts';
import { InterpreterFault } from '../fault.ts';
import type { Machine } from '../machine.ts';
import { type Packet, partOf } from '../packet.ts';
import { type Helper, int, uint } from './helper.ts';

const ETHERNET_BYTES = 14;
const INVALIDATE_HASH = 2n;
const LARGEST_CHANGE = 0xfff;

function packetOf(machine: Machine): Packet {
  if (machine.packet === undefined) throw new InterpreterFault('uses a helper of packets where there is no packet');
  return machine.packet;
}

const storeBytes: Helper = (machine, _skb, offset, fromAt, length, flags) => {
  if (flags & ~3n) return failure('EINVAL');
  const from = machine.memory.slice(fromAt, uint(length));
  const target = partOf(packetOf(machine), BigInt(uint(offset)), BigInt(uint(length)));
  if (target === undefined) return failure('EFAULT');
  target.set(from);
  if (flags & INVALIDATE_HASH) machine.hash = 0;
  return 0n;
};

/** The target is written either way: with zeros where the packet has no such bytes. */
const loadBytes: Helper = (machine, _skb, offset, toAt, length) => {
  const to = machine.memory.slice(toAt, uint(length), true);
  const bytes = partOf(packetOf(machine), BigInt(uint(offset)), BigInt(uint(length)));
  to.set(bytes ?? new Uint8Array(to.length));
  return bytes === undefined ? failure('EFAULT') : 0n;
};

const xdpLoadBytes: Helper = (machine, _context, offset, toAt, length) => {
  const to = machine.memory.slice(toAt, uint(length), true);
  const bytes = partOf(packetOf(machine), BigInt(uint(offset)), BigInt(uint(length)));
  if (bytes === undefined) return failure('EINVAL');
  to.set(bytes);
  return 0n;
};

const xdpStoreBytes: Helper = (machine, _context, offset, fromAt, length) => {
  const from = machine.memory.slice(fromAt, uint(length));
  const target = partOf(packetOf(machine), BigInt(uint(offset)), BigInt(uint(length)));
  if (target === undefined) return failure('EINVAL');
  target.set(from);
  return 0n;
};

const adjustHead: Helper = (machine, _context, delta) =>
  packetOf(machine).moveStart(int(delta), ETHERNET_BYTES) ? 0n : failure('EINVAL');
const adjustTail: Helper = (machine, _context, delta) =>
  packetOf(machine).moveEnd(int(delta), ETHERNET_BYTES) ? 0n : failure('EINVAL');
const adjustMeta: Helper = (machine, _context, delta) =>
  packetOf(machine).moveMeta(int(delta)) ? 0n : failure('EINVAL');

/** By the protocol of an skb: how long its network header is, without options. */
function networkBytes(machine: Machine): number | undefined {
  const protocol = machine.context.get('protocol');
  return protocol === 0x0008 ? 20 : protocol === 0xdd86 ? 40 : undefined;
}

const AT_MAC = 1;
const ENCAP_IPV4 = 2n;
const ENCAP_IPV6 = 4n;
const DECAP_IPV4 = 0x80n;
const DECAP_IPV6 = 0x100n;

const adjustRoom: Helper = (machine, _skb, delta, mode, flags) => {
  const packet = packetOf(machine);
  const change = int(delta);
  const network = networkBytes(machine);
  if (Math.abs(change) > LARGEST_CHANGE) return failure('EFAULT');
  if (network === undefined) return failure('ENOTSUPP');
  if (uint(mode) > AT_MAC) return failure('EINVAL');
  if (flags & (DECAP_IPV4 | DECAP_IPV6) && change > 0) return failure('EINVAL');
  const at = ETHERNET_BYTES + (uint(mode) === AT_MAC ? 0 : network);
  const least = flags & DECAP_IPV4 ? 20 : flags & DECAP_IPV6 ? 40 : network;
  const current = packet.length - ETHERNET_BYTES;
  if (change < 0 && (-change >= current || current + change < least)) return failure('ENOTSUPP');
  packet.splice(at, Math.max(0, -change), Math.max(0, change));
  if (flags & (ENCAP_IPV4 | DECAP_IPV4)) machine.context.put('protocol', 0x0008);
  if (flags & (ENCAP_IPV6 | DECAP_IPV6)) machine.context.put('protocol', 0xdd86);
  machine.hash = 0;
  return 0n;
};

const changeTail: Helper = (machine, _skb, length, flags) => {
  const packet = packetOf(machine);
  if (flags !== 0n || uint(length) < ETHERNET_BYTES) return failure('EINVAL');
  return packet.moveEnd(uint(length) - packet.length, ETHERNET_BYTES) ? 0n : failure('EINVAL');
};

const changeHead: Helper = (machine, _skb, room, flags) => {
  if (flags !== 0n) return failure('EINVAL');
  packetOf(machine).splice(0, 0, uint(room));
  return 0n;
};

const changeType: Helper = (machine, _skb, type) => {
  // only the kinds of packets that were received
  if (uint(type) > 3 || machine.context.get('packetType') > 3) return failure('EINVAL');
  machine.context.put('packetType', uint(type));
  return 0n;
};

const pullData: Helper = (machine, _skb, length) => (uint(length) > packetOf(machine).length ? failure('ENOMEM') : 0n);

/** A hash of the packet's bytes: that of the kernel is keyed by chance, so programs can only use that it stays the same. */
const hashRecalculated: Helper = (machine) => {
  if (machine.hash === 0) {
    const bytes = packetOf(machine).bytes.subarray(ETHERNET_BYTES, ETHERNET_BYTES + 40);
    machine.hash = bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x0100_0193) >>> 0, 0x811c_9dc5) || 1;
  }
  return BigInt(machine.hash);
};

/** Helpers that read and change packets. */
export const packetHelpers = {
  skb_store_bytes: storeBytes,
  skb_load_bytes: loadBytes,
  skb_adjust_room: adjustRoom,
  skb_change_tail: changeTail,
  skb_change_head: changeHead,
  skb_change_type: changeType,
  skb_pull_data: pullData,
  xdp_adjust_head: adjustHead,
  xdp_adjust_tail: adjustTail,
  xdp_adjust_meta: adjustMeta,
  xdp_load_bytes: xdpLoadBytes,
  xdp_store_bytes: xdpStoreBytes,
  xdp_get_buff_len: (machine: Machine): bigint => BigInt(packetOf(machine).length),
  get_hash_recalc: hashRecalculated,
  set_hash_invalid: (machine: Machine): bigint => {
    machine.hash = 0;
    return 0n;
  },
} satisfies Record<string, Helper>;
