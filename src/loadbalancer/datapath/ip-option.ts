import { asm, layout } from 'nekube/bpf';
import { L3 } from './family.ts';
import { copy, copyField } from './frame.ts';
import { forward, hop } from './forward.ts';
import { headers, TCP_FLAG } from './parts.ts';
import { rewriteToBackend } from './to-backend.ts';
import type { RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';
import { adjustRoomBehind } from './room.ts';
import { fold } from './sums.ts';
import { mustFit } from './too-big.ts';

const { add, at, goto, jeq, jgt, jne, jset, label, load, mov, r1, r10, r2, r7 } = asm;
const { store, storeImm, toBig, xor } = asm;
type Code = asm.Code;

const { Ipv4, Ipv6, PROTOCOL } = layout;

/** Cilium's option of IPv4 for direct server return: its type, copied into fragments; eight bytes with the frontend's port and address. */
export const IP_OPTION = { type: 0x9a, length: 8 } as const;
/** In IPv6 destination options (RFC 8200), of which one has the frontend's address and port, and two bytes of nothing. */
export const DESTINATION_OPTION = { header: 60, length: 24, type: 0x1b, optionLength: 20 } as const;

/** How much larger a packet gets that has the option. */
export function ipOptionOverhead(family: 4 | 6): number {
  return family === 4 ? IP_OPTION.length : DESTINATION_OPTION.length;
}

/**
 * Sends the packet to the backend whose address and port are in the frame, with these, and with an option that says for which frontend it
 * was: on a SYN, on what is no TCP, and where the flow was not known here, which may have come by another node before.
 */
export function addressByOption(parts: RequestParts): Code {
  const { shape, places } = parts;
  return [
    headers(L3 + shape.headerLength),
    // an error of ICMP is no part of a flow; of a packet in pieces the first one has the option
    load(r1, r10, places.quote),
    jne(r1, 0, 'without option'),
    load(r1, r10, places.l4),
    jeq(r1, 0, 'without option'),
    load(r1, r10, places.isNew),
    jne(r1, 0, 'with option'),
    load(r1, r10, places.tuple.protocol),
    jne(r1, PROTOCOL.tcp, 'with option'),
    load(r1, r10, places.flags),
    jset(r1, TCP_FLAG.syn, 'with option'),
    label('without option'),
    addressed(parts),
    goto('option done'),
    label('with option'),
    hasRoom(shape.family),
    mustFit(parts, ipOptionOverhead(shape.family)),
    addressed(parts),
    headers(L3 + shape.headerLength),
    shape.family === 4 ? header4(parts) : header6(parts),
    adjustRoomBehind(ipOptionOverhead(shape.family)),
    storeBytes(L3, places.outer.offset, shape.headerLength + ipOptionOverhead(shape.family)),
    label('option done'),
    forward(parts, 'forwarded_ipopt'),
  ];
}

/** Another option fits into the header of IPv4; in IPv6 none stands before those for each hop. r7 is the packet. */
function hasRoom(family: 4 | 6): Code {
  const longest = 0x4f - IP_OPTION.length / 4;
  return family === 4
    ? [load(r1, r7, at(L3, 'u8')), jgt(r1, longest, 'too deep')]
    : [load(r1, r7, at(L3 + Ipv6.at.nextHeader.offset, 'u8')), jeq(r1, 0, 'too deep')];
}

/** The packet has the backend's address and port, and one hop less. */
function addressed(parts: RequestParts): Code {
  return [load(r7, r10, parts.places.tuple.protocol), rewriteToBackend(parts), hop(parts)];
}

/** The packet's header with the option, in the frame. */
function header4({ places }: RequestParts): Code {
  const { offset } = places.outer;
  const option = offset + Ipv4.size;
  const words = Array.from({ length: IP_OPTION.length / 2 }, (_, i) => [
    load(r2, r10, at(option + 2 * i, 'u16')),
    add(r1, r2),
  ]);
  return [
    copy({ base: r10, offset }, { base: r7, offset: L3 }, Ipv4.size, r2),
    storeImm(r10, at(option, 'u8'), IP_OPTION.type),
    storeImm(r10, at(option + 1, 'u8'), IP_OPTION.length),
    load(r1, r10, places.tuple.destinationPort),
    store(r10, at(option + 2, 'u16'), r1),
    copyField({ offset: option + 4 }, places.tuple.destination, 4),
    resized4(offset, IP_OPTION.length, words),
  ];
}

/**
 * A header of IPv4 in the frame, with more or fewer bytes of options behind it. Its checksum becomes what it was and what has changed: `words`
 * adds to r1 the words that come, and of those that go the complement. Uses r2.
 */
export function resized4(offset: number, by: number, words: Code): Code {
  const { versionIhl, totalLength, checksum } = Ipv4.within(offset);
  const complement = (place: asm.Place): Code => [load(r2, r10, place), xor(r2, 0xffff), add(r1, r2)];
  const plus = (place: asm.Place): Code => [load(r2, r10, place), add(r1, r2)];
  const first = at(offset, 'u16');
  return [
    mov(r1, 0),
    [first, totalLength, checksum].map(complement),
    load(r2, r10, versionIhl),
    add(r2, by / 4),
    store(r10, versionIhl, r2),
    load(r2, r10, totalLength),
    toBig(r2, 16),
    add(r2, by),
    toBig(r2, 16),
    store(r10, totalLength, r2),
    [first, totalLength].map(plus),
    words,
    fold(),
    store(r10, checksum, r1),
  ];
}

function header6({ places }: RequestParts): Code {
  const { offset } = places.outer;
  const { payloadLength, nextHeader } = Ipv6.within(offset);
  const option = offset + Ipv6.size;
  const { header, length, type, optionLength } = DESTINATION_OPTION;
  return [
    copy({ base: r10, offset }, { base: r7, offset: L3 }, Ipv6.size, r2),
    load(r1, r10, payloadLength),
    toBig(r1, 16),
    add(r1, length),
    toBig(r1, 16),
    store(r10, payloadLength, r1),
    load(r1, r10, nextHeader),
    store(r10, at(option, 'u8'), r1),
    storeImm(r10, nextHeader, header),
    storeImm(r10, at(option + 1, 'u8'), length / 8 - 1),
    storeImm(r10, at(option + 2, 'u8'), type),
    storeImm(r10, at(option + 3, 'u8'), optionLength),
    copyField({ offset: option + 4 }, places.tuple.destination, 16),
    load(r1, r10, places.tuple.destinationPort),
    store(r10, at(option + 20, 'u16'), r1),
    storeImm(r10, at(option + 22, 'u16'), 0),
  ];
}
