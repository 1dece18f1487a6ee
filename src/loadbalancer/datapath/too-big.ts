import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { copy } from './frame.ts';
import { count, drop } from './parts.ts';
import type { RequestParts } from './request.ts';
import { storeBytes } from './rewrite.ts';
import { sum, fold } from './sums.ts';

const {
  add,
  and,
  at,
  call,
  exit,
  jeq,
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
  r3,
  r6,
  r7,
  r8,
  rsh,
  store,
  storeImm,
  toBig,
} = asm;
type Code = asm.Code;

const ICMP_BYTES = 8;
/** Of the packet that is too big: its header, and the ports. */
const quoteLength = ({ headerLength }: FamilyShape): number => headerLength + 8;

/** The length of the answer, without Ethernet's header. */
export function answerLength(shape: FamilyShape): number {
  return shape.headerLength + ICMP_BYTES + quoteLength(shape);
}

/**
 * Goes on if a packet fits on its way with another header before it, and to `tooBig` if not. A packet of several segments is
 * judged by one of them. r7 is the packet with its headers in reach. Uses r1 to r3.
 */
export function mustFit({ shape, options, places }: RequestParts, tooBig: string): Code {
  const l4 = L3 + shape.headerLength;
  const { Ipv4, Ipv6, PROTOCOL, Tcp } = layout;
  const ownLength =
    shape.family === 4
      ? [load(r1, r7, at(L3 + Ipv4.at.totalLength.offset, 'u16')), toBig(r1, 16)]
      : [load(r1, r7, at(L3 + Ipv6.at.payloadLength.offset, 'u16')), toBig(r1, 16), add(r1, shape.headerLength)];
  return [
    load(r1, r6, layout.SkBuff.at.gsoSize),
    jeq(r1, 0, 'one segment'),
    add(r1, shape.headerLength),
    load(r2, r10, places.tuple.protocol),
    jeq(r2, PROTOCOL.tcp, 'segments of TCP'),
    add(r1, layout.Udp.size),
    asm.goto('measured'),
    label('segments of TCP'),
    mov(r2, r7),
    add(r2, l4 + Tcp.size),
    jgt(r2, r8, 'drop'),
    load(r2, r7, at(l4 + Tcp.at.dataOffset.offset, 'u8')),
    rsh(r2, 4),
    asm.lsh(r2, 2),
    add(r1, r2),
    asm.goto('measured'),
    label('one segment'),
    ownLength,
    label('measured'),
    jle(r1, options.mtu - shape.headerLength, 'fits'),
    asm.goto(tooBig),
    label('fits'),
  ];
}

/**
 * Tells a client that its packet is too big for the tunnel, and how large one may be (RFC 1191, RFC 8201). The answer comes from the
 * frontend, and has within it the packet that the client sent, not what has become of it. A packet that may be cut into pieces is
 * dropped and counted. The packet must still be as it came.
 */
export function answerTooBig(parts: RequestParts): Code {
  const { shape, maps, places } = parts;
  const length = answerLength(shape);
  const mayCut =
    shape.family === 4
      ? [load(r2, r7, at(L3 + layout.Ipv4.at.fragment.offset, 'u16')), and(r2, 0x0040), jeq(r2, 0, 'cut')]
      : [];
  return [
    label('too big'),
    mayCut,
    copy({ base: r10, offset: places.macs.offset }, { base: r7, offset: 6 }, 6, r2, 2),
    copy({ base: r10, offset: places.macs.offset + 6 }, { base: r7, offset: 0 }, 6, r2, 2),
    mov(r2, r7),
    add(r2, L3 + quoteLength(shape)),
    jgt(r2, r8, 'drop'),
    copy(
      { base: r10, offset: places.answer.offset + length - quoteLength(shape) },
      { base: r7, offset: L3 },
      quoteLength(shape),
      r2,
    ),
    shape.family === 4 ? header4(parts) : header6(parts),
    mov(r1, r6),
    mov(r2, L3 + length),
    mov(r3, 0),
    call('skb_change_tail'),
    jne(r0, 0, 'drop'),
    storeBytes(0, places.macs.offset, 12),
    storeBytes(L3, places.answer.offset, length),
    count('told_too_big', maps, places.counter.offset),
    load(r1, r6, layout.SkBuff.at.ingressIfindex),
    mov(r2, 0),
    call('redirect'),
    exit(),
    ...(shape.family === 4 ? [label('cut')] : []),
    ...(shape.family === 4 ? [drop('drop_too_big', maps, places.counter.offset)] : []),
  ];
}

function header4({ shape, options, places }: RequestParts): Code {
  const { offset } = places.answer;
  const { Ipv4, PROTOCOL } = layout;
  const field = Ipv4.within(offset);
  const icmp = offset + Ipv4.size;
  const length = answerLength(shape);
  return [
    storeImm(r10, at(offset, 'u32'), word(0x4500, length)),
    storeImm(r10, at(offset + 4, 'u32'), 0),
    storeImm(r10, at(offset + 8, 'u32'), word(0x4000 | PROTOCOL.icmp, 0)),
    copy({ base: r10, offset: field.source.offset }, { base: r10, offset: places.tuple.destination.offset }, 4, r2),
    copy({ base: r10, offset: field.destination.offset }, { base: r10, offset: places.tuple.source.offset }, 4, r2),
    sum(offset, Ipv4.size),
    fold(),
    store(r10, field.checksum, r1),
    // type 3, code 4, and the size in the last two bytes
    storeImm(r10, at(icmp, 'u32'), word(0x0304, 0)),
    storeImm(r10, at(icmp + 4, 'u32'), word(0, options.mtu - shape.headerLength)),
    sum(icmp, length - Ipv4.size),
    fold(),
    store(r10, at(icmp + 2, 'u16'), r1),
  ];
}

function header6({ shape, options, places }: RequestParts): Code {
  const { offset } = places.answer;
  const { Ipv6, PROTOCOL } = layout;
  const field = Ipv6.within(offset);
  const icmp = offset + Ipv6.size;
  const length = answerLength(shape) - Ipv6.size;
  return [
    storeImm(r10, at(offset, 'u32'), word(0x6000, 0)),
    storeImm(r10, at(offset + 4, 'u32'), word(length, (PROTOCOL.icmp6 << 8) | 64)),
    copy({ base: r10, offset: field.source.offset }, { base: r10, offset: places.tuple.destination.offset }, 16, r2),
    copy({ base: r10, offset: field.destination.offset }, { base: r10, offset: places.tuple.source.offset }, 16, r2),
    // type 2, and the size in all of the last four bytes
    storeImm(r10, at(icmp, 'u32'), word(0x0200, 0)),
    storeImm(r10, at(icmp + 4, 'u32'), word(0, options.mtu - shape.headerLength)),
    // addresses are summed with what they are before: the pseudo header
    sum(field.source.offset, 32 + length),
    add(r1, swapped(length) + swapped(PROTOCOL.icmp6)),
    fold(),
    store(r10, at(icmp + 2, 'u16'), r1),
  ];
}

/** Two numbers of 16 bits, in the network's order, as the machine stores 32 bits. */
function word(first: number, second: number): number {
  return swapped(first) | (swapped(second) << 16);
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
