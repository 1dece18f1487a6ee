import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { addressOf, clear, copy, inFrame } from './frame.ts';
import type { NextHop } from './options.ts';
import { count, drop, headers, NEXT, redirectBack, unique } from './parts.ts';
import type { CounterName } from './maps.ts';
import type { RequestParts } from './request-frame.ts';
import { learn } from './path-size.ts';
import { storeBytes } from './rewrite.ts';

const { add, at, call, exit, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6, r7, store, storeImm } = asm;
type Code = asm.Code;

const { be16, bytes, u16, u32, u8 } = layout;

/** What `fib_lookup` is given, and tells, in the words of the kernel. */
export const FibLookup = layout.struct('bpf_fib_lookup', {
  family: u8,
  l4Protocol: u8,
  sourcePort: be16,
  destinationPort: be16,
  /** 0: the size is not looked at. */
  totalLength: u16,
  /** The device that the packet came by; afterwards that by which it goes. */
  ifindex: u32,
  tos: u32,
  source: bytes(16, 4),
  destination: bytes(16, 4),
  vlan: u32,
  sourceMac: bytes(6),
  destinationMac: bytes(6),
});
/** `fib_lookup`: the neighbour is not looked for. */
const SKIP_NEIGHBOUR = 4;
const SUCCESS = 0;
/** It is larger than what its route takes; its length is now that. */
const TOO_LARGE = 8;

/** What `forward` needs of a program's stack. */
export const FIB_BYTES = FibLookup.size;

/**
 * Sends the packet, which came from the network, back to it by the kernel's routes, and counts it. It is not left to the kernel, to which
 * a packet that comes with this node's own address is a martian. Where there is no route, or nothing is forwarded here, the kernel
 * gets it all the same, and says why. `shape` is of the packet's outermost header; with `overhead` that is a tunnel's, which is so much larger than
 * what `mustFit` has measured: where the route takes no such packets that is learned, and the packet dropped and counted.
 */
export function forward(
  parts: RequestParts,
  counter: CounterName,
  shape: FamilyShape = parts.shape,
  overhead?: number,
): Code {
  const { maps, options, places } = parts;
  if (options.nextHop !== undefined) return toNextHop(parts, options.nextHop, counter);
  const fib = FibLookup.within(places.fib.offset);
  const unrouted = `unrouted ${unique()}`;
  return [
    headers(L3 + shape.headerLength),
    clear(r10, places.fib.offset, FibLookup.size),
    storeImm(r10, fib.family, shape.addressFamily),
    load(r2, r6, layout.SkBuff.at.ingressIfindex),
    store(r10, fib.ifindex, r2),
    copy(inFrame(fib.source), { base: r7, offset: L3 + shape.source }, shape.addressLength, r2),
    copy(inFrame(fib.destination), { base: r7, offset: L3 + shape.destination }, shape.addressLength, r2),
    overhead === undefined ? [] : [load(r1, r10, places.length), add(r1, overhead), store(r10, fib.totalLength, r1)],
    mov(r1, r6),
    addressOf(r2, places.fib.offset),
    mov(r3, FibLookup.size),
    mov(r4, SKIP_NEIGHBOUR),
    call('fib_lookup'),
    asm.jne(r0, SUCCESS, unrouted),
    count(counter, maps, places.counter.offset),
    load(r1, r10, fib.ifindex),
    mov(r2, 0),
    mov(r3, 0),
    mov(r4, 0),
    call('redirect_neigh'),
    exit(),
    label(unrouted),
    overhead === undefined ? [] : tooLargeForRoute(parts, shape),
    count(counter, maps, places.counter.offset),
    asm.goto(NEXT),
  ];
}

/** Of what `fib_lookup` says, in r0, the size that its route takes is learned; on with all else. */
function tooLargeForRoute({ maps, places }: RequestParts, { family }: FamilyShape): Code {
  const other = `no matter of size ${unique()}`;
  const { totalLength, destination, ifindex } = FibLookup.within(places.fib.offset);
  // what it was asked with is not needed any more
  const value = { offset: ifindex.offset };
  return [
    asm.jne(r0, TOO_LARGE, other),
    load(r1, r10, totalLength),
    learn(maps, { family, destination, key: places.nodeAddress, value }, places.counter),
    drop('drop_too_big', maps, places.counter.offset),
    label(other),
  ];
}

/** Sends the packet to a machine whose address of hardware is known, by the device that it came from, and asks no routes. */
function toNextHop({ maps, places }: RequestParts, { source = [], destination }: NextHop, counter: CounterName): Code {
  const macs = places.fib.offset;
  const bytes = [...destination, ...source];
  return [
    source.length > 0 ? [] : [headers(L3), copy({ base: r10, offset: macs + 6 }, { base: r7, offset: 0 }, 6, r2, 2)],
    bytes.map((byte, i) => storeImm(r10, at(macs + i, 'u8'), byte)),
    storeBytes(0, macs, 12),
    count(counter, maps, places.counter.offset),
    redirectBack(),
  ];
}

/** A packet that is forwarded lives one hop less; one that has none left is dropped and counted. Its addresses must be written already. */
export function hop({ shape, maps, options, places }: RequestParts): Code {
  if (options.hops === 'keep') return [];
  const lives = `has a hop left ${unique()}`;
  const field = L3 + (shape.family === 4 ? layout.Ipv4.at.ttl.offset : layout.Ipv6.at.hopLimit.offset);
  const checksum = L3 + layout.Ipv4.at.checksum.offset;
  const to = places.counter.offset;
  return [
    headers(L3 + shape.headerLength),
    load(r3, r7, at(field, 'u8')),
    asm.jgt(r3, 1, lives),
    drop('drop_no_hop', maps, places.counter.offset),
    label(lives),
    // the first byte of a word in the network's order
    mov(r4, r3),
    add(r4, -1),
    store(r10, at(to, 'u32'), r4),
    shape.family === 4 ? [mov(r1, r6), mov(r2, checksum), mov(r5, 2), call('l3_csum_replace')] : [],
    mov(r1, r6),
    mov(r2, field),
    addressOf(r3, to),
    mov(r4, 1),
    mov(r5, 0),
    call('skb_store_bytes'),
  ];
}
