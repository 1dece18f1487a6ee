import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3, network16 } from './family.ts';
import { addressOf, copy, copyField, inFrame } from './frame.ts';
import { type DatapathMaps, flowLayoutsOf } from './maps.ts';
import { lookup, mustBePlain, mustHave, NEXT, TCP_FLAG, unique } from './parts.ts';
import { remember } from './remember.ts';
import { readExtensions } from './read-extensions.ts';
import { readQuote } from './read-quote.ts';
import { readTuple, type TuplePlaces } from './tuples.ts';

const { add, and, at, call, goto, jeq, jlt, jne, label, load, lsh, mov, or, r0, r1, r10, r2, r3, r4, r6, r7, rsh } =
  asm;
const { store, storeImm } = asm;
type Code = asm.Code;
const { Ethernet, Ipv4, PROTOCOL, Tcp } = layout;

/** What is known of a packet once it was read, as fields of a frame. */
export const PACKET_FIELDS = {
  /**
   * Where the header of the transport is in the packet, that of which the ports are: in an error of ICMP it is that of the packet within. 0:
   * it is not in this piece of a packet.
   */
  l4: layout.u32,
  /** In an error of ICMP where the header of the packet within is; or 0. */
  quote: layout.u32,
  /** Flags of TCP; of all else those of a packet that begins nothing. */
  flags: layout.u32,
} as const;

/** What reading a packet needs of a frame; it means nothing afterwards. */
export function readingFields(shape: FamilyShape) {
  return {
    /** The header of IP. */
    header: layout.bytes(shape.headerLength, 4),
    /** The beginning of a header behind it. */
    part: layout.bytes(8, 4),
    piece: flowLayoutsOf(shape.family).pieceKey,
    /** Not 0: the packet is a piece of one. Where it belongs, and whether more follow, in the network's order. */
    cut: layout.u32,
  };
}

/** Where these stand. */
export type ReadingPlaces = { readonly tuple: TuplePlaces } & layout.Places<
  typeof PACKET_FIELDS & ReturnType<typeof readingFields>
>;

/** Where a packet is read, and what becomes of those that are none of ours. */
export interface ReadOptions {
  /** Where its header of IP is. Default: behind that of Ethernet. */
  readonly header?: number;
  /** For packets that are of no transport that is balanced. */
  readonly otherwise?: string;
  /** For pieces of a packet whose first piece was not seen, whose tuple has no ports. */
  readonly late: string;
  /** For those with more extension headers than are looked at. */
  readonly deep: string;
  /** For requests of ICMP for an answer. Default: `otherwise`. */
  readonly echo?: string;
  /** For errors about a packet within another. Default: `otherwise`. */
  readonly tunnel?: string;
}

/** The labels of one reading. */
export interface Reading extends Required<ReadOptions> {
  readonly shape: FamilyShape;
  readonly maps: DatapathMaps;
  readonly places: ReadingPlaces;
  /** A label that no other reading has. */
  readonly name: (what: string) => string;
}

/**
 * Reads a packet's tuple and where its headers are into the frame. Options of IPv4 and extension headers of IPv6 are passed over; a
 * piece of a packet has the ports of the first one, which are remembered; an error of ICMP has the tuple of the flow that it is about, in the
 * direction in which it travels itself. r6 is the context, r7 and r8 the packet, which are kept.
 */
export function readPacket(
  shape: FamilyShape,
  maps: DatapathMaps,
  places: ReadingPlaces,
  { header = L3, otherwise = NEXT, late, deep, echo = otherwise, tunnel = otherwise }: ReadOptions,
): Code {
  const id = unique();
  const name = (what: string): string => `${what} ${id}`;
  const reading: Reading = { shape, maps, places, header, otherwise, late, deep, echo, tunnel, name };
  return [
    header === L3
      ? [mustHave(L3, otherwise), load(r2, r7, Ethernet.at.type), jne(r2, network16(shape.etherType), otherwise)]
      : [],
    readPlain(reading),
    label(name('odd')),
    readOdd(reading),
    label(name('read')),
  ];
}

/** A packet with nothing between its headers. */
function readPlain({ shape, places, header, name }: Reading): Code {
  const l4 = header + shape.headerLength;
  const odd = name('odd');
  return [
    mustHave(l4 + 8, odd),
    mustBePlain(shape, header, odd),
    load(r3, r7, at(header + shape.protocol, 'u8')),
    storeImm(r10, places.flags, TCP_FLAG.ack),
    jeq(r3, PROTOCOL.udp, name('plain')),
    jne(r3, PROTOCOL.tcp, odd),
    mustHave(l4 + Tcp.size, odd),
    load(r2, r7, at(l4 + Tcp.at.flags.offset, 'u8')),
    store(r10, places.flags, r2),
    label(name('plain')),
    readTuple(shape, places.tuple, header),
    storeImm(r10, places.l4, l4),
    storeImm(r10, places.quote, 0),
    goto(name('read')),
  ];
}

function readOdd(reading: Reading): Code {
  const { shape, places, header, otherwise } = reading;
  const { tuple } = places;
  const from = (offset: number) => ({ base: r10, offset: places.header.offset + offset });
  return [
    storeImm(r10, places.quote, 0),
    storeImm(r10, places.flags, TCP_FLAG.ack),
    storeImm(r10, at(tuple.protocol.offset, 'u32'), 0),
    storeImm(r10, at(tuple.sourcePort.offset, 'u32'), 0),
    loadBytes(header, places.header.offset, shape.headerLength, otherwise),
    copy(inFrame(tuple.source), from(shape.source), shape.addressLength, r2),
    copy(inFrame(tuple.destination), from(shape.destination), shape.addressLength, r2),
    shape.family === 4 ? readOptions(reading) : readExtensions(reading),
    readPieces(reading),
    readQuote(reading),
  ];
}

/** Behind the options of IPv4. Goes to `transport`, or to `error`. */
function readOptions({ places, header, otherwise, name }: Reading): Code {
  const field = Ipv4.within(places.header.offset);
  return [
    headerLength4(places, otherwise),
    add(r1, header),
    store(r10, places.l4, r1),
    load(r3, r10, field.protocol),
    store(r10, places.tuple.protocol, r3),
    load(r1, r10, field.fragment),
    and(r1, network16(0x3fff)),
    store(r10, places.cut, r1),
    jeq(r3, PROTOCOL.tcp, name('transport')),
    jeq(r3, PROTOCOL.udp, name('transport')),
    // a message in pieces is the kernel's
    jne(r1, 0, otherwise),
    jeq(r3, PROTOCOL.icmp, name('message')),
    goto(otherwise),
  ];
}

/** r1 = the length of the header of IPv4 that is in the frame. Uses r2. */
export function headerLength4({ header }: ReadingPlaces, otherwise: string): Code {
  return [
    load(r1, r10, at(header.offset, 'u8')),
    mov(r2, r1),
    rsh(r2, 4),
    jne(r2, 4, otherwise),
    and(r1, 0xf),
    lsh(r1, 2),
    jlt(r1, Ipv4.size, otherwise),
  ];
}

/** The ports, at `transport`: of a piece those of the first one. */
function readPieces(reading: Reading): Code {
  const { shape, maps, places, late, otherwise, name } = reading;
  const { tuple, piece } = places;
  const { pieces } = maps[shape.family];
  const to = (field: { readonly offset: number }, from: { readonly offset: number }) =>
    copyField(field, from, shape.addressLength);
  return [
    label(name('transport')),
    load(r1, r10, places.cut),
    jeq(r1, 0, name('ports')),
    to(piece.source, tuple.source),
    to(piece.destination, tuple.destination),
    shape.family === 4 ? pieceNumber4(places) : [],
    load(r1, r10, places.cut),
    and(r1, network16(shape.family === 4 ? 0x1fff : 0xfff8)),
    jeq(r1, 0, name('first')),
    storeImm(r10, places.l4, 0),
    lookup(pieces, piece.source.offset),
    jeq(r0, 0, late),
    // ports and protocol
    copy(inFrame(tuple.sourcePort), { base: r0, offset: 0 }, 8, r2),
    goto(name('read')),
    label(name('first')),
    readPorts(places, otherwise),
    remember(maps, { map: pieces, key: piece.source, value: tuple.sourcePort, counter: places.part }),
    goto(name('flags')),
    label(name('ports')),
    readPorts(places, otherwise),
    label(name('flags')),
    load(r1, r10, tuple.protocol),
    jne(r1, PROTOCOL.tcp, name('read')),
    // where they are not in this piece they are none
    loadBehind(places.l4, Tcp.at.flags.offset, places.flags.offset, 1),
    goto(name('read')),
  ];
}

/** Of IPv4 numbers are told apart by the protocol, too. */
function pieceNumber4({ header, piece, tuple }: ReadingPlaces): Code {
  return [
    load(r1, r10, tuple.protocol),
    lsh(r1, 16),
    load(r2, r10, Ipv4.within(header.offset).id),
    or(r1, r2),
    store(r10, piece.id, r1),
  ];
}

function readPorts(places: ReadingPlaces, otherwise: string): Code {
  return [loadBehind(places.l4, 0, places.tuple.sourcePort.offset, 4), jne(r0, 0, otherwise)];
}

/** Copies a part of the packet into the frame, or goes elsewhere. */
export function loadBytes(offset: number, to: number, length: number, otherwise: string): Code {
  return [
    mov(r1, r6),
    mov(r2, offset),
    addressOf(r3, to),
    mov(r4, length),
    call('skb_load_bytes'),
    jne(r0, 0, otherwise),
  ];
}

/** The same, so many bytes behind what a field of the frame says; r0 is not 0 if there is no such part, and zeros are written. */
export function loadBehind(from: asm.Place, offset: number, to: number, length: number): Code {
  return [
    mov(r1, r6),
    load(r2, r10, from),
    add(r2, offset),
    addressOf(r3, to),
    mov(r4, length),
    call('skb_load_bytes'),
  ];
}
