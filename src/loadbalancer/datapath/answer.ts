import { asm, layout } from 'nekube/bpf';
import { answerWhole } from './answer-whole.ts';
import { type FamilyShape, L3 } from './family.ts';
import { addressOf, clear, copy } from './frame.ts';
import type { CounterName } from './maps.ts';
import { count, unique } from './parts.ts';
import type { RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';
import { fold } from './sums.ts';

const { add, at, call, exit, jle, jne, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6, store, storeImm } = asm;
type Code = asm.Code;

/** An error of ICMP, or ICMPv6, that a client is told. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** What stands in the last two bytes of its header: how large a packet may be. It is in the frame where it is `fitting`. */
  readonly mtu?: 'fitting';
  /** What counts it. */
  readonly counter: CounterName;
}

const ICMP_BYTES = 8;

/** Of a packet with nothing between its headers: as much of it as has the ports. */
const plainQuote = ({ headerLength }: FamilyShape): number => headerLength + 8;
/** Of one with options, extensions, or that is a fragment: as much as most of them need. */
const longQuote = ({ family }: FamilyShape): number => (family === 4 ? 68 : 104);

/** The length of the largest answer, without Ethernet's header. */
export function answerLength(shape: FamilyShape): number {
  return shape.headerLength + ICMP_BYTES + longQuote(shape);
}

/**
 * Answers a packet with an error of ICMP, from the frontend, with the packet within that the client sent. The packet must still be as
 * it came. Ends the program.
 */
export function answerError(parts: RequestParts, error: IcmpError): Code {
  const { shape, places } = parts;
  if (parts.options.quote === 'packet') return answerWhole(parts, error);
  const isLong = `long quote ${unique()}`;
  return [
    load(r1, r10, places.l4),
    jne(r1, L3 + shape.headerLength, isLong),
    quote(parts, plainQuote(shape)),
    errorOf(parts, plainQuote(shape), error),
    label(isLong),
    quoteUpTo(parts, longQuote(shape)),
    errorOf(parts, longQuote(shape), error),
  ];
}

/** The beginning of the packet, without Ethernet's header, in the frame. */
function quote({ shape, places }: RequestParts, length: number): Code {
  return loadBytes(L3, places.answer.offset + shape.headerLength + ICMP_BYTES, length);
}

/** The same of a packet that may be shorter; zeros are behind it then. */
function quoteUpTo({ shape, places }: RequestParts, length: number): Code {
  const to = places.answer.offset + shape.headerLength + ICMP_BYTES;
  const whole = `quoted ${unique()}`;
  return [
    clear(r10, to, length),
    load(r4, r6, layout.SkBuff.at.length),
    add(r4, -L3),
    jle(r4, length, whole),
    mov(r4, length),
    label(whole),
    jle(r4, 0, 'drop'),
    mov(r1, r6),
    mov(r2, L3),
    addressOf(r3, to),
    call('skb_load_bytes'),
    jne(r0, 0, 'drop'),
  ];
}

function errorOf(parts: RequestParts, quoted: number, error: IcmpError): Code {
  const { shape, places } = parts;
  const { offset } = places.answer;
  const { PROTOCOL } = layout;
  const icmp = offset + shape.headerLength;
  const length = ICMP_BYTES + quoted;
  const isFour = shape.family === 4;
  return [
    ipHeader(parts, isFour ? PROTOCOL.icmp : PROTOCOL.icmp6, length),
    storeImm(r10, at(icmp, 'u32'), word((error.type << 8) | error.code, 0)),
    storeImm(r10, at(icmp + 4, 'u32'), 0),
    error.mtu === undefined ? [] : [load(r1, r10, places.fitting), store(r10, at(icmp + 6, 'u16'), r1)],
    isFour ? checksum(icmp, length, 0) : withPseudoHeader(parts, PROTOCOL.icmp6, length),
    store(r10, at(icmp + 2, 'u16'), r1),
    sendAnswer(parts, shape.headerLength + length, error.counter),
  ];
}

/** The answer's header in the frame: from the frontend to the client. */
export function ipHeader({ shape, places }: RequestParts, protocol: number, length: number): Code {
  const { offset } = places.answer;
  const { Ipv4, Ipv6 } = layout;
  const { tuple } = places;
  const addresses = (source: number, destination: number): Code => [
    copy({ base: r10, offset: source }, { base: r10, offset: tuple.destination.offset }, shape.addressLength, r2),
    copy({ base: r10, offset: destination }, { base: r10, offset: tuple.source.offset }, shape.addressLength, r2),
  ];
  const four = Ipv4.within(offset);
  const six = Ipv6.within(offset);
  if (shape.family === 6)
    return [
      storeImm(r10, at(offset, 'u32'), word(0x6000, 0)),
      storeImm(r10, at(offset + 4, 'u32'), word(length, (protocol << 8) | 64)),
      addresses(six.source.offset, six.destination.offset),
    ];
  return [
    storeImm(r10, at(offset, 'u32'), word(0x4500, Ipv4.size + length)),
    storeImm(r10, at(offset + 4, 'u32'), 0),
    storeImm(r10, at(offset + 8, 'u32'), word(0x4000 | protocol, 0)),
    addresses(four.source.offset, four.destination.offset),
    checksum(offset, Ipv4.size, 0),
    store(r10, four.checksum, r1),
  ];
}

/** r1 = the checksum of what is behind the answer's header, with the pseudo header: addresses are summed where they stand. */
export function withPseudoHeader({ shape, places }: RequestParts, protocol: number, length: number): Code {
  const addresses = 2 * shape.addressLength;
  const from = places.answer.offset + shape.headerLength - addresses;
  return checksum(from, addresses + length, swapped(length) + swapped(protocol));
}

/** r1 = the checksum of a part of the frame, with a number added. Uses all registers of calls. */
function checksum(offset: number, length: number, added: number): Code {
  return [
    mov(r1, 0),
    mov(r2, 0),
    addressOf(r3, offset),
    mov(r4, length),
    mov(r5, added),
    call('csum_diff'),
    mov(r1, r0),
    fold(),
  ];
}

/** Sends the answer in the frame by the device that the packet came by, to the hardware that it came from. Ends the program. */
export function sendAnswer({ maps, places }: RequestParts, length: number, counter: CounterName): Code {
  return [
    loadMacs(places.macs.offset),
    mov(r1, r6),
    mov(r2, L3 + length),
    mov(r3, 0),
    call('skb_change_tail'),
    jne(r0, 0, 'drop'),
    storeBytes(0, places.macs.offset, 12),
    storeBytes(L3, places.answer.offset, length),
    count(counter, maps, places.counter.offset),
    load(r1, r6, layout.SkBuff.at.ingressIfindex),
    mov(r2, 0),
    call('redirect'),
    exit(),
  ];
}

/** The addresses of hardware of an answer, in the frame. */
export function loadMacs(to: number): Code {
  return [loadBytes(6, to, 6), loadBytes(0, to + 6, 6)];
}

/** Copies a part of the packet into the frame; a packet that has no such part is dropped. */
function loadBytes(offset: number, to: number, length: number): Code {
  return [mov(r1, r6), mov(r2, offset), addressOf(r3, to), mov(r4, length), call('skb_load_bytes'), jne(r0, 0, 'drop')];
}

/** Two numbers of 16 bits, in the network's order, as the machine stores 32 bits. */
export function word(first: number, second: number): number {
  return swapped(first) | (swapped(second) << 16);
}

/** A number of 16 bits in the network's order. */
function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
