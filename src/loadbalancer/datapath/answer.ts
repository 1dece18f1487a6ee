import { asm, layout } from 'nekube/bpf';
import {
  answerAddresses,
  type IcmpError,
  icmpHeader,
  loadMacs,
  resize,
  sendBack,
  storeAnswer,
  word,
} from './answer-parts.ts';
import { answerWhole } from './answer-whole.ts';
import { type FamilyShape, L3, network16 } from './family.ts';
import { addressOf, clear } from './frame.ts';
import type { CounterName } from './maps.ts';
import { unique } from './parts.ts';
import { loadBytes } from './read-packet.ts';
import { ICMP_BYTES } from './read-quote.ts';
import type { RequestParts } from './request-frame.ts';
import { fold } from './sums.ts';

const { add, at, call, jle, jne, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6, store, storeImm } = asm;
type Code = asm.Code;

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
  return loadBytes(L3, places.answer.offset + shape.headerLength + ICMP_BYTES, length, 'drop');
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
    icmpHeader(places, icmp, error),
    isFour ? checksum(icmp, length, 0) : withPseudoHeader(parts, PROTOCOL.icmp6, length),
    store(r10, at(icmp + 2, 'u16'), r1),
    sendAnswer(parts, shape.headerLength + length, error.counter),
  ];
}

/** The answer's header in the frame: from the frontend to the client. */
export function ipHeader({ shape, places }: RequestParts, protocol: number, length: number): Code {
  const { offset } = places.answer;
  const { Ipv4 } = layout;
  if (shape.family === 6)
    return [
      storeImm(r10, at(offset, 'u32'), word(0x6000, 0)),
      storeImm(r10, at(offset + 4, 'u32'), word(length, (protocol << 8) | 64)),
      answerAddresses(shape, places),
    ];
  return [
    storeImm(r10, at(offset, 'u32'), word(0x4500, Ipv4.size + length)),
    storeImm(r10, at(offset + 4, 'u32'), 0),
    storeImm(r10, at(offset + 8, 'u32'), word(0x4000 | protocol, 0)),
    answerAddresses(shape, places),
    checksum(offset, Ipv4.size, 0),
    store(r10, Ipv4.within(offset).checksum, r1),
  ];
}

/** r1 = the checksum of what is behind the answer's header, with the pseudo header: addresses are summed where they stand. */
export function withPseudoHeader({ shape, places }: RequestParts, protocol: number, length: number): Code {
  const addresses = 2 * shape.addressLength;
  const from = places.answer.offset + shape.headerLength - addresses;
  return checksum(from, addresses + length, network16(length) + network16(protocol));
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
export function sendAnswer(parts: RequestParts, length: number, counter: CounterName): Code {
  const { places } = parts;
  return [
    loadMacs(places.macs.offset),
    resize(mov(r2, L3 + length)),
    storeAnswer(places, length),
    sendBack(parts, counter),
  ];
}
