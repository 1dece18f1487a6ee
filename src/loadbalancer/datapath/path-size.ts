import { asm, layout, type MapSpec, mapSpec } from 'nekube/bpf';
import { addressBytes } from '../maps/address.ts';
import { type FamilyShape, network16 } from './family.ts';
import { copyField, type Field, ifNot } from './frame.ts';
import { JIFFIES } from './flow-state.ts';
import { geneveOf } from './geneve.ts';
import type { DatapathMaps } from './maps.ts';
import { count, lookup, NEXT, unique, update } from './parts.ts';
import { loadBehind } from './read-packet.ts';
import type { RequestParts } from './request-frame.ts';

const {
  add,
  at,
  call,
  goto,
  jeq,
  jge,
  jgt,
  jle,
  jne,
  label,
  load,
  mov,
  r0,
  r1,
  r10,
  r2,
  store,
  storeImm,
  sub32,
  toBig,
} = asm;
type Code = asm.Code;

/** How large packets to a node or pod may be, where that is smaller than what a device sends, and when that was told, in jiffies. */
const PathSize = layout.struct('lb_path_size', { size: layout.u32, told: layout.u32 });
/** What is told is believed for ten minutes (RFC 1191), and not less than this, which nobody who means well says. */
const SECONDS = 600;
const SMALLEST = { 4: 552, 6: 1280 } as const;
const PATHS = 4096;
const ICMP_BYTES = 8;

/** The maps of what is known of paths: sizes by where they lead to, IPv4 as within IPv6; and whether there are any. */
export function pathMaps(): { readonly pathSizes: MapSpec; readonly pathsKnown: MapSpec } {
  return {
    pathSizes: mapSpec({
      name: 'path_sizes',
      type: 'lru_hash',
      key: layout.bytes(16, 4),
      value: PathSize,
      maxEntries: PATHS,
    }) as unknown as MapSpec,
    pathsKnown: mapSpec({ name: 'paths_known', type: 'array', value: layout.u32, maxEntries: 1 }) as unknown as MapSpec,
  };
}

/**
 * Goes to a label if something is known of any path, which for small packets does not matter: `length` is the register that has
 * theirs. Uses r0 to r5, and four bytes of the frame.
 */
export function ifPathsKnown({ pathsKnown }: DatapathMaps, length: asm.Register, key: Field, then: string): Code {
  const none = `no paths ${unique()}`;
  return [
    jle(length, SMALLEST[4] - MOST_OVERHEAD, none),
    storeImm(r10, at(key.offset, 'u32'), 0),
    lookup(pathsKnown, key.offset),
    jeq(r0, 0, none),
    load(r1, r0, at(0, 'u32')),
    jne(r1, 0, then),
    label(none),
  ];
}

/** More than any mode adds. */
const MOST_OVERHEAD = 100;

/**
 * Goes on if the packet, whose length `mustFit` has measured, fits on the path to `destination` with so many bytes more, and to `too big` if
 * not. Uses r0 to r5, and the place of a node's address.
 */
export function mustFitPath(
  { maps, options, places }: RequestParts,
  { overhead, destination, family }: { readonly overhead: number; readonly destination: Field; readonly family: 4 | 6 },
): Code {
  const id = unique();
  const [known, fits] = [`paths ${id}`, `fits path ${id}`];
  const { jiffiesPerSecond = JIFFIES } = options;
  const now = at(places.fib.offset, 'u32');
  return [
    load(r1, r10, places.length),
    ifPathsKnown(maps, r1, places.counter, known),
    goto(fits),
    label(known),
    keyOf(family, places.nodeAddress, destination),
    call('jiffies64'),
    store(r10, now, r0),
    lookup(maps.pathSizes, places.nodeAddress.offset),
    jeq(r0, 0, fits),
    load(r1, r10, now),
    load(r2, r0, PathSize.at.told),
    sub32(r1, r2),
    jgt(r1, SECONDS * jiffiesPerSecond, fits),
    load(r2, r0, PathSize.at.size),
    add(r2, -overhead),
    load(r1, r10, places.length),
    jle(r1, r2, fits),
    toBig(r2, 16),
    store(r10, places.fitting, r2),
    goto('too big'),
    label(fits),
  ];
}

/** An address as the key of its path. Uses r2. */
function keyOf(family: 4 | 6, to: Field, address: Field): Code {
  if (family === 6) return to.offset === address.offset ? [] : copyField(to, address, 16);
  return [
    // it may be the end of the key already
    copyField({ offset: to.offset + 12 }, address, 4),
    storeImm(r10, at(to.offset, 'u32'), 0),
    storeImm(r10, at(to.offset + 4, 'u32'), 0),
    storeImm(r10, at(to.offset + 8, 'u32'), 0xffff_0000 | 0),
  ];
}

/** Labels of `readPacket` for a program that has `learnPathSize`. */
export const TUNNEL = { tunnel: 'about a tunnel' } as const;

/** Goes there with an error about a packet in Geneve; goes on with all others. The packet is as it came. Uses r1. */
export function ifAboutGeneve({ options, places: { tuple, quote } }: RequestParts): Code {
  const other = `not about geneve ${unique()}`;
  return [
    load(r1, r10, quote),
    jeq(r1, 0, other),
    load(r1, r10, tuple.protocol),
    jne(r1, layout.PROTOCOL.udp, other),
    load(r1, r10, tuple.sourcePort),
    jeq(r1, network16(geneveOf(options).port), TUNNEL.tunnel),
    label(other),
  ];
}

/**
 * Learns how large packets to a node or pod may be from an error about a tunnel that this node has sent: it quotes too little to tell the
 * client now, who is told at its next packet. The kernel gets the error as well.
 */
export function learnPathSize(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const own = options.nodeAddresses[shape.family];
  if (own === undefined) return [label(TUNNEL.tunnel), goto(NEXT)];
  const message = places.fib.offset;
  const value = { offset: message + ICMP_BYTES };
  return [
    label(TUNNEL.tunnel),
    // tunnels that are sent from a prefix are answered there
    options.outer?.sources?.[shape.family] === undefined
      ? ifNot(places.tuple.destination.offset, addressBytes(own), NEXT)
      : [],
    loadBehind(places.quote, -ICMP_BYTES, message, ICMP_BYTES),
    jne(r0, 0, NEXT),
    toldSize(shape, message),
    jge(r1, SMALLEST[shape.family], 'plausible size'),
    mov(r1, SMALLEST[shape.family]),
    label('plausible size'),
    jge(r1, options.mtu, NEXT),
    learn(
      maps,
      { family: shape.family, destination: places.tuple.source, key: places.nodeAddress, value },
      places.counter,
    ),
    goto(NEXT),
  ];
}

/** r1 = the size that an error of ICMP says, of which the frame has the header; others are left alone. */
function toldSize({ family }: FamilyShape, message: number): Code {
  if (family === 4)
    return [
      load(r1, r10, at(message, 'u16')),
      jne(r1, network16(0x0304), NEXT),
      load(r1, r10, at(message + 6, 'u16')),
      toBig(r1, 16),
    ];
  return [load(r1, r10, at(message, 'u8')), jne(r1, 2, NEXT), load(r1, r10, at(message + 4, 'u32')), toBig(r1, 32)];
}

/** Remembers the size in r1 of the path to an address. Uses r0 to r5. */
export function learn(
  maps: DatapathMaps,
  path: { readonly family: 4 | 6; readonly destination: Field; readonly key: Field; readonly value: Field },
  counter: Field,
): Code {
  const { size, told } = PathSize.within(path.value.offset);
  return [
    store(r10, size, r1),
    call('jiffies64'),
    store(r10, told, r0),
    keyOf(path.family, path.key, path.destination),
    update(maps.pathSizes, path.key.offset, path.value.offset),
    storeImm(r10, at(counter.offset, 'u32'), 0),
    storeImm(r10, size, 1),
    update(maps.pathsKnown, counter.offset, path.value.offset),
    count('path_size_learned', maps, counter.offset),
  ];
}
