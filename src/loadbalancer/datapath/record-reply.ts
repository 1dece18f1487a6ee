import { asm, layout } from 'nekube/bpf';
import type { FamilyShape } from './family.ts';
import { copyField, type Field, ifDiffer, inFrame } from './frame.ts';
import { begin, ifOver, ifPast, QUIET, touch } from './flow-state.ts';
import { type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { DEFAULT_TIMEOUTS, type DatapathOptions } from './options.ts';
import { count, drop, lookup, unique } from './parts.ts';
import { remember, rememberNew } from './remember.ts';
import { type HeaderPlaces, rewrite } from './rewrite.ts';
import { type TuplePlaces, unlessQuote } from './tuples.ts';

const { at, call, goto, jeq, jlt, jne, label, load, mov, r0, r1, r10, r8, store, storeImm } = asm;
type Code = asm.Code;
type FlowLayouts = ReturnType<typeof flowLayoutsOf>;

/** What a reply is remembered with: the request's tuple, and what is made of it. */
export interface ReplyPlaces extends HeaderPlaces {
  readonly reverse: TuplePlaces;
  readonly reply: FlowLayouts['reply']['at'];
  /** The port that stands for the client's, where that is taken. */
  readonly standIn: FlowLayouts['port']['at'];
  readonly flags: asm.Place;
  readonly counter: Field;
}

/** For what replies are remembered. */
export interface ReplyOptions {
  readonly options: DatapathOptions;
  /** Where a packet is told of that is dropped. Default: `report`. */
  readonly report?: string;
  /** Whether only the first packet of a connection of TCP says for which frontend it is. Default: all do. */
  readonly isNamedOnce?: boolean;
}

/** How many ports are tried for a flow whose own is taken. */
const TRIES = 8;

/**
 * Remembers from which frontend a pod's replies must come; its address and port are in the frame. A client that asks two frontends from
 * one port, of which both have chosen the same port of a pod, would get the answers of one from the other: the flow that came first goes on
 * as it is, and to the pod the other comes from another port of the client. Where later packets do not say for which frontend they
 * are, or no port is found, it is dropped and counted. An error of ICMP about such a flow has that port, too. What is known already
 * is not written again: that takes a lock. r6 is the context. Uses r0 to r5 and r8; pointers into the packet are not good any more.
 */
export function recordReply(
  shape: FamilyShape,
  maps: DatapathMaps,
  places: ReplyPlaces,
  pod: { readonly address: Field; readonly port: Field },
  { options, report = 'report', isNamedOnce = false }: ReplyOptions,
): Code {
  const { tuple, reverse, reply, counter } = places;
  const of = maps[shape.family];
  const entry = flowLayoutsOf(shape.family).reply.at;
  const id = unique();
  const name = (what: string): string => `${what} reply ${id}`;
  const isKnown = (otherwise: string): Code => [
    ifDiffer({ base: r0, offset: 0 }, inFrame(reply.address), entry.seen.offset, otherwise),
    unlessQuote(places, touch(entry, places, 'client')),
  ];
  return [
    keys(shape, places, pod),
    lookup(of.replies, reverse.source.offset),
    mov(r8, r0),
    jeq(r0, 0, name('unlike')),
    isKnown(name('unlike')),
    goto(name('done')),
    label(name('unlike')),
    isNamedOnce ? [load(r1, r10, tuple.protocol), jeq(r1, layout.PROTOCOL.tcp, name('own port'))] : [],
    lookup(of.snatPorts, tuple.source.offset),
    jeq(r0, 0, name('own port')),
    load(r1, r0, flowLayoutsOf(shape.family).port.at.port),
    store(r10, reverse.destinationPort, r1),
    lookup(of.replies, reverse.source.offset),
    jeq(r0, 0, name('lost')),
    isKnown(name('lost')),
    goto(name('stands')),
    label(name('lost')),
    copyField(reverse.destinationPort, tuple.sourcePort, 2),
    label(name('own port')),
    load(r1, r10, places.quote),
    jne(r1, 0, name('done')),
    jeq(r8, 0, name('new')),
    givesWay(shape, places, options, { isNamedOnce, past: name('new') }),
    isNamedOnce ? [load(r1, r10, tuple.protocol), jeq(r1, layout.PROTOCOL.tcp, name('none'))] : [],
    claim(shape, maps, places, { none: name('none'), full: name('full') }),
    remember(maps, {
      map: of.snatPorts,
      key: tuple.source,
      value: places.standIn.port,
      counter,
      refused: name('full'),
    }),
    count('given_other_port', maps, counter.offset),
    label(name('stands')),
    load(r8, r10, tuple.protocol),
    rewrite(shape, r8, { which: 'source', to: { port: reverse.destinationPort } }, places),
    goto(name('done')),
    label(name('none')),
    drop('drop_reply_clash', maps, counter.offset, report),
    label(name('full')),
    drop('drop_table_full', maps, counter.offset, report),
    label(name('new')),
    begin(reply, places),
    remember(maps, { map: of.replies, key: reverse.source, value: reply.address, counter, refused: name('full') }),
    label(name('done')),
  ];
}

/** Of what the pod will send, and where that comes from. */
function keys(
  { addressLength }: FamilyShape,
  { tuple, reverse, reply }: ReplyPlaces,
  pod: { readonly address: Field; readonly port: Field },
): Code {
  return [
    copyField(reverse.source, pod.address, addressLength),
    copyField(reverse.destination, tuple.source, addressLength),
    copyField(reverse.sourcePort, pod.port, 2),
    copyField(reverse.destinationPort, tuple.sourcePort, 2),
    copyField(reverse.protocol, tuple.protocol, 4),
    copyField(reply.address, tuple.destination, addressLength),
    copyField(reply.port, tuple.destinationPort, 2),
    copyField(reply.clientPort, tuple.sourcePort, 2),
  ];
}

/** Goes to a label if the flow of the entry in r8 is past, so that its place may be another's. */
function givesWay(
  shape: FamilyShape,
  places: ReplyPlaces,
  options: DatapathOptions,
  { isNamedOnce, past }: { readonly isNamedOnce: boolean; readonly past: string },
): Code {
  const { tuple, reply } = places;
  const entry = flowLayoutsOf(shape.family).reply.at;
  const { tcpEstablished } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const sooner = { ...options, timeouts: { ...options.timeouts, tcpEstablished: Math.min(tcpEstablished, QUIET) } };
  return [
    begin(reply, places),
    mov(r0, r8),
    isNamedOnce ? ifOver(entry, past) : [],
    ifPast(entry, reply.seen, tuple.protocol, isNamedOnce ? sooner : options, past),
  ];
}

/** Claims a port that no flow of the client to the pod has, and goes on with it, or to a label if there is none, or no place. Uses r8. */
function claim(
  { family }: FamilyShape,
  maps: DatapathMaps,
  places: ReplyPlaces,
  { none, full }: { readonly none: string; readonly full: string },
): Code {
  const { reverse, reply, standIn, counter } = places;
  const [again, taken, claimed] = ['again', 'taken', 'claimed'].map((what) => `${what} for ${none}`) as [
    ...[string, string, string],
  ];
  const what = { map: maps[family].replies, key: reverse.source, value: reply.address, counter };
  return [
    begin(reply, places),
    mov(r8, 0),
    label(again),
    call('get_prandom_u32'),
    // of those that systems give by themselves
    asm.and32(r0, 0x7fff),
    asm.or32(r0, 0x8000),
    asm.toBig(r0, 16),
    store(r10, reverse.destinationPort, r0),
    storeImm(r10, at(standIn.port.offset, 'u32'), 0),
    store(r10, standIn.port, r0),
    rememberNew(maps, { ...what, there: taken, refused: full }),
    goto(claimed),
    label(taken),
    asm.add(r8, 1),
    jlt(r8, TRIES, again),
    goto(none),
    label(claimed),
  ];
}
