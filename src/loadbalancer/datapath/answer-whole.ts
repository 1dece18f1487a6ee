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
import { type FamilyShape, L3 } from './family.ts';
import { addressOf } from './frame.ts';
import { headers, lookup, packetLength, unique } from './parts.ts';
import { ICMP_BYTES } from './read-quote.ts';
import type { RequestParts } from './request-frame.ts';
import { fold } from './sums.ts';

const { add, and, at, call, jeq, jle, jlt, jne, jsle, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6 } = asm;
const { r7, r8, r9, store, storeImm, toBig } = asm;
type Code = asm.Code;

const { Ipv4, Ipv6, PROTOCOL } = layout;
/** What older kernels sum at once. */
const SUMMED = 512;

/** Of the packet as much as errors may have in all: 576 bytes (RFC 1812), or the smallest size of packets in IPv6 (RFC 4443). */
function limitOf({ family, headerLength }: FamilyShape): number {
  return (family === 4 ? 576 : 1280) - headerLength - ICMP_BYTES;
}

/**
 * Answers a packet with an error of ICMP, from the frontend, with all of the packet within that errors may have, in words of four bytes.
 * The packet must still be as it came. Ends the program. Its length is in r9, and what is quoted at r8.
 */
export function answerWhole(parts: RequestParts, error: IcmpError): Code {
  const { shape, maps, places } = parts;
  const { offset } = places.answer;
  const icmp = offset + shape.headerLength;
  const all = shape.headerLength + ICMP_BYTES;
  return [
    quotedLength(shape),
    storeImm(r10, at(places.counter.offset, 'u32'), 0),
    lookup(maps.scratch, places.counter.offset),
    jeq(r0, 0, 'drop'),
    mov(r8, r0),
    loadMacs(places.macs.offset),
    mov(r1, r6),
    mov(r2, L3),
    mov(r3, r8),
    mov(r4, r9),
    call('skb_load_bytes'),
    jne(r0, 0, 'drop'),
    ipHeader(parts),
    icmpHeader(places, icmp, error),
    checksumOf(parts, icmp),
    store(r10, at(icmp + 2, 'u16'), r1),
    resize([mov(r2, r9), add(r2, L3 + all)]),
    storeAnswer(places, all),
    [mov(r1, r6), mov(r2, L3 + all), mov(r3, r8), mov(r4, r9), mov(r5, 0), call('skb_store_bytes')],
    sendBack(parts, error.counter),
  ];
}

/** r9 = how much of the packet is quoted; bytes behind its end, which Ethernet may have, are not. Uses r1, r2, r7 and r8. */
function quotedLength(shape: FamilyShape): Code {
  const [short, within] = [`quote of a short packet ${unique()}`, `quote of what is there ${unique()}`];
  return [
    headers(L3 + shape.headerLength),
    packetLength(shape, r9),
    load(r1, r6, layout.SkBuff.at.length),
    add(r1, -L3),
    jle(r9, r1, within),
    mov(r9, r1),
    label(within),
    jle(r9, limitOf(shape), short),
    mov(r9, limitOf(shape)),
    label(short),
    and(r9, ~3),
    jlt(r9, shape.headerLength + 8, 'drop'),
  ];
}

/** The answer's header in the frame, from the frontend to the client. */
function ipHeader({ shape, places }: RequestParts): Code {
  const { offset } = places.answer;
  const [four, six] = [Ipv4.within(offset), Ipv6.within(offset)];
  const length = (more: number, place: asm.Place) => [mov(r1, r9), add(r1, more), toBig(r1, 16), store(r10, place, r1)];
  const fixed: Code =
    shape.family === 4
      ? [
          storeImm(r10, at(offset, 'u32'), word(0x4500, 0)),
          length(Ipv4.size + ICMP_BYTES, four.totalLength),
          storeImm(r10, at(offset + 4, 'u32'), 0),
          storeImm(r10, at(offset + 8, 'u32'), word(0x4000 | PROTOCOL.icmp, 0)),
        ]
      : [
          storeImm(r10, at(offset, 'u32'), word(0x6000, 0)),
          storeImm(r10, at(offset + 4, 'u32'), word(0, (PROTOCOL.icmp6 << 8) | 64)),
          length(ICMP_BYTES, six.payloadLength),
        ];
  const sum = [diff(offset, Ipv4.size), mov(r1, r0), fold(), store(r10, four.checksum, r1)];
  return [fixed, answerAddresses(shape, places), shape.family === 4 ? [mov(r5, 0), sum] : []];
}

/** r1 = the checksum of the message, of which the header is in the frame. Uses r7. */
function checksumOf({ shape }: RequestParts, icmp: number): Code {
  const addresses = shape.family === 4 ? 0 : 2 * shape.addressLength;
  // of IPv6 the pseudo header as well: addresses where they stand, the length, and the protocol
  const seed =
    shape.family === 4 ? mov(r5, 0) : [mov(r5, r9), add(r5, ICMP_BYTES), toBig(r5, 16), add(r5, PROTOCOL.icmp6 << 8)];
  const chunks = Array.from({ length: Math.ceil(limitOf(shape) / SUMMED) }, (_, i) => chunk(i * SUMMED));
  return [seed, diff(icmp - addresses, addresses + ICMP_BYTES), mov(r7, r0), chunks, mov(r1, r7), fold()];
}

/** Adds a part of what is quoted to the sum in r7. */
function chunk(from: number): Code {
  const [done, whole] = [`summed ${unique()}`, `part ${unique()}`];
  return [
    mov(r4, r9),
    add(r4, -from),
    jsle(r4, 0, done),
    jle(r4, SUMMED, whole),
    mov(r4, SUMMED),
    label(whole),
    mov(r1, 0),
    mov(r2, 0),
    mov(r3, r8),
    add(r3, from),
    mov(r5, r7),
    call('csum_diff'),
    mov(r7, r0),
    label(done),
  ];
}

/** r0 = the sum of a part of the frame and r5. */
function diff(offset: number, length: number): Code {
  return [mov(r1, 0), mov(r2, 0), addressOf(r3, offset), mov(r4, length), call('csum_diff')];
}
