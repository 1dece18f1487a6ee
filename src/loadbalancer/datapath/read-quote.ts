import { asm, layout } from 'nekube/bpf';
import { L3, network16 } from './family.ts';
import { EXTENSION } from './read-extensions.ts';
import { headerLength4, loadBehind, type Reading } from './read-packet.ts';

const { add, and, at, goto, jeq, jne, label, load, r0, r1, r10, r2, store } = asm;
type Code = asm.Code;
const { Ipv4, Ipv6, PROTOCOL } = layout;

/** The length of a message's own header. */
export const ICMP_BYTES = 8;
/** Types of messages that are errors of a packet, which is within. */
const ERRORS = {
  /** Unreachable, which has "too big" as well; time exceeded; a parameter. */
  4: [3, 11, 12],
  /** Unreachable, too big, time exceeded, a parameter. */
  6: [1, 2, 3, 4],
} as const;
/** Requests for an answer. */
export const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** A message of ICMP, at `message`: of an error the packet within, the other way round. */
export function readQuote(reading: Reading): Code {
  const { shape, places, header, otherwise, echo, tunnel, name } = reading;
  const { part, tuple } = places;
  return [
    label(name('message')),
    loadBehind(places.l4, 0, part.offset, 8),
    jne(r0, 0, otherwise),
    load(r1, r10, at(part.offset, 'u8')),
    // one within a tunnel is a backend's to answer
    header === L3 ? jeq(r1, ECHO[shape.family].request, echo) : [],
    ERRORS[shape.family].map((type) => jeq(r1, type, name('error'))),
    goto(otherwise),
    label(name('error')),
    loadBehind(places.l4, ICMP_BYTES, places.header.offset, shape.headerLength),
    jne(r0, 0, otherwise),
    load(r1, r10, places.l4),
    add(r1, ICMP_BYTES),
    store(r10, places.quote, r1),
    isTold(reading),
    shape.family === 4 ? within4(reading) : within6(reading),
    load(r1, r10, tuple.protocol),
    jeq(r1, PROTOCOL.tcp, name('quoted')),
    tunnel === otherwise ? [] : jeq(r1, shape.encapsulated, tunnel),
    jne(r1, PROTOCOL.udp, otherwise),
    label(name('quoted')),
    loadBehind(places.l4, 0, part.offset, 4),
    jne(r0, 0, otherwise),
    load(r1, r10, at(part.offset, 'u16')),
    store(r10, tuple.destinationPort, r1),
    load(r1, r10, at(part.offset + 2, 'u16')),
    store(r10, tuple.sourcePort, r1),
  ];
}

/** The error goes to who sent the packet within; its tuple begins where that went. */
function isTold({ shape, places: { header, tuple }, otherwise }: Reading): Code {
  return Array.from({ length: shape.addressLength / 4 }, (_, i) => [
    load(r1, r10, at(header.offset + shape.source + 4 * i, 'u32')),
    load(r2, r10, at(tuple.destination.offset + 4 * i, 'u32')),
    asm.jne32(r1, r2, otherwise),
    load(r1, r10, at(header.offset + shape.destination + 4 * i, 'u32')),
    store(r10, at(tuple.source.offset + 4 * i, 'u32'), r1),
  ]);
}

/** The protocol of the packet within, and where its transport is; it must be whole, or a first piece. */
function within4({ places, otherwise }: Reading): Code {
  const field = Ipv4.within(places.header.offset);
  return [
    headerLength4(places, otherwise),
    load(r2, r10, places.quote),
    add(r1, r2),
    store(r10, places.l4, r1),
    load(r1, r10, field.fragment),
    and(r1, network16(0x1fff)),
    jne(r1, 0, otherwise),
    load(r1, r10, field.protocol),
    store(r10, places.tuple.protocol, r1),
  ];
}

function within6({ places, otherwise, name }: Reading): Code {
  const { part, tuple, quote, l4 } = places;
  return [
    load(r1, r10, quote),
    add(r1, Ipv6.size),
    store(r10, l4, r1),
    load(r1, r10, Ipv6.within(places.header.offset).nextHeader),
    store(r10, tuple.protocol, r1),
    jne(r1, EXTENSION.fragment, name('no piece')),
    loadBehind(l4, 0, part.offset, 8),
    jne(r0, 0, otherwise),
    load(r1, r10, at(part.offset + 2, 'u16')),
    and(r1, network16(0xfff8)),
    jne(r1, 0, otherwise),
    load(r1, r10, at(part.offset, 'u8')),
    store(r10, tuple.protocol, r1),
    load(r1, r10, l4),
    add(r1, 8),
    store(r10, l4, r1),
    label(name('no piece')),
  ];
}
