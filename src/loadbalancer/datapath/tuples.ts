import { asm, type layout } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { addressOf, copyField } from './frame.ts';
import { type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { begin, ifOver, ifPast, touch } from './flow-state.ts';
import { DEFAULT_TIMEOUTS, type DatapathOptions } from './options.ts';
import { address, drop, lookup, unique, update } from './parts.ts';

const { at, goto, jeq, jne, label, load, mov, r0, r1, r10, r2, r3, r7, r8, store, storeImm } = asm;
type Code = asm.Code;
type FlowLayouts = ReturnType<typeof flowLayoutsOf>;

/** Where a tuple stands in a frame. */
export type TuplePlaces = FlowLayouts['tuple']['at'];

/** Copies a packet's tuple, whose header begins `header` bytes behind r7, into the frame; its ports
 * are `l4` bytes behind r7. r3 is its protocol. Uses r2. */
export function readTuple(shape: FamilyShape, tuple: TuplePlaces, header = L3, l4 = header + shape.headerLength): Code {
  return [
    storeImm(r10, at(tuple.protocol.offset, 'u32'), 0),
    store(r10, tuple.protocol, r3),
    address(shape, tuple.source.offset, 'source', header),
    address(shape, tuple.destination.offset, 'destination', header),
    load(r2, r7, at(l4, 'u16')),
    store(r10, tuple.sourcePort, r2),
    load(r2, r7, at(l4 + 2, 'u16')),
    store(r10, tuple.destinationPort, r2),
  ];
}

/** Code that is passed over for an error of ICMP, which is about a flow and no part of it. */
export function unlessQuote({ quote }: { readonly quote: asm.Place }, code: Code): Code {
  const past = `past ${unique()}`;
  return [load(r1, r10, quote), jne(r1, 0, past), code, label(past)];
}

/** What a reply is remembered with: the request's tuple, and what is made of it. */
export interface ReplyPlaces {
  readonly tuple: TuplePlaces;
  readonly reverse: TuplePlaces;
  readonly reply: FlowLayouts['reply']['at'];
  readonly flags: asm.Place;
  readonly counter: { readonly offset: number };
}

/** A flow of TCP that is quiet gives way to another client's, since not all modes show that it was reset. In seconds. */
const QUIET = 600;

function givingWay(options: DatapathOptions): DatapathOptions {
  const { tcpEstablished } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  return { ...options, timeouts: { ...options.timeouts, tcpEstablished: Math.min(tcpEstablished, QUIET) } };
}

/**
 * Remembers from which frontend a pod's replies must come; its address and port are in the frame. A client that asks two frontends from
 * one port, of which both have chosen the same port of a pod, would get the answers of one from the other: the flow that came first goes on,
 * and the packet is dropped and counted, at `report`. What is known already is not written again: that takes a lock. Uses r0 to
 * r5 and r8.
 */
export function recordReply(
  shape: FamilyShape,
  maps: DatapathMaps,
  places: ReplyPlaces,
  pod: { readonly address: layout.FieldRange; readonly port: { readonly offset: number } },
  options: DatapathOptions,
  report = 'report',
): Code {
  const { tuple, reverse, reply } = places;
  const { replies } = maps[shape.family];
  const entry = flowLayoutsOf(shape.family).reply.at;
  const id = unique();
  const name = (what: string): string => `${what} reply ${id}`;
  const isOther = Array.from({ length: entry.seen.offset / 4 }, (_, i) => [
    load(r1, r0, at(4 * i, 'u32')),
    load(r2, r10, at(reply.address.offset + 4 * i, 'u32')),
    jne(r1, r2, name('other')),
  ]);
  return [
    copyField(reverse.source, pod.address, shape.addressLength),
    copyField(reverse.destination, tuple.source, shape.addressLength),
    copyField(reverse.sourcePort, pod.port, 2),
    copyField(reverse.destinationPort, tuple.sourcePort, 2),
    copyField(reverse.protocol, tuple.protocol, 4),
    copyField(reply.address, tuple.destination, shape.addressLength),
    storeImm(r10, at(reply.port.offset, 'u32'), 0),
    copyField(reply.port, tuple.destinationPort, 2),
    lookup(replies, reverse.source.offset),
    jeq(r0, 0, name('new')),
    isOther,
    touch(entry, places, 'client'),
    goto(name('known')),
    label(name('other')),
    ifOver(entry, name('new')),
    mov(r8, r0),
    begin(reply, places.flags),
    mov(r0, r8),
    ifPast(entry, reply.seen, tuple.protocol, givingWay(options), name('past')),
    drop('drop_reply_clash', maps, places.counter.offset, report),
    label(name('new')),
    begin(reply, places.flags),
    label(name('past')),
    update(replies, reverse.source.offset, reply.address.offset),
    label(name('known')),
  ];
}

/**
 * Forgets from which frontend the replies to a packet would come, whose tuple is in the frame: it is for the pod itself. Uses r0 to r5.
 */
export function forgetReply(
  shape: FamilyShape,
  maps: DatapathMaps,
  { tuple, reverse }: Pick<ReplyPlaces, 'tuple' | 'reverse'>,
): Code {
  const { replies } = maps[shape.family];
  const nothing = `nothing to forget ${unique()}`;
  const to = (field: { readonly offset: number }, from: { readonly offset: number }, length: number) =>
    copyField(field, from, length);
  return [
    to(reverse.source, tuple.destination, shape.addressLength),
    to(reverse.destination, tuple.source, shape.addressLength),
    to(reverse.sourcePort, tuple.destinationPort, 2),
    to(reverse.destinationPort, tuple.sourcePort, 2),
    to(reverse.protocol, tuple.protocol, 4),
    // to look takes no lock, and mostly there is nothing
    lookup(replies, reverse.source.offset),
    jeq(r0, 0, nothing),
    asm.loadMap(r1, replies),
    addressOf(r2, reverse.source.offset),
    asm.call('map_delete_elem'),
    label(nothing),
  ];
}
