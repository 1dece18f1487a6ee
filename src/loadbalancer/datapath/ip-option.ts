import { asm, layout } from 'nekube/bpf';
import { L3 } from './family.ts';
import { copy } from './frame.ts';
import { forward, hop } from './forward.ts';
import { headers, TCP_FLAG } from './parts.ts';
import type { RequestParts } from './request.ts';
import { rewrite, storeBytes } from './rewrite.ts';
import { ADJUST_ROOM, ROOM } from './room.ts';
import { fold, sum } from './sums.ts';
import { mustFit } from './too-big.ts';

const { add, at, call, goto, jgt, jne, jset, label, load, loadImm64, mov, r0, r1, r10, r2, r3, r4, r6, r7, r8 } = asm;
const { store, storeImm, toBig } = asm;
type Code = asm.Code;

const { Ipv4, Ipv6, PROTOCOL, Tcp } = layout;

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
  const l4 = L3 + shape.headerLength;
  return [
    headers(L3 + shape.headerLength),
    load(r1, r10, places.isNew),
    jne(r1, 0, 'with option'),
    load(r1, r10, places.tuple.protocol),
    jne(r1, PROTOCOL.tcp, 'with option'),
    mov(r2, r7),
    add(r2, l4 + Tcp.at.flags.offset + 1),
    jgt(r2, r8, 'drop'),
    load(r1, r7, at(l4 + Tcp.at.flags.offset, 'u8')),
    jset(r1, TCP_FLAG.syn, 'with option'),
    addressed(parts),
    goto('option done'),
    label('with option'),
    mustFit(parts, ipOptionOverhead(shape.family)),
    addressed(parts),
    headers(L3 + shape.headerLength),
    shape.family === 4 ? header4(parts) : header6(parts),
    mov(r1, r6),
    mov(r2, ipOptionOverhead(shape.family)),
    mov(r3, ROOM.network),
    loadImm64(r4, ADJUST_ROOM.keepsSegments),
    call('skb_adjust_room'),
    jne(r0, 0, 'no room'),
    storeBytes(L3, places.outer.offset, shape.headerLength + ipOptionOverhead(shape.family)),
    label('option done'),
    forward(parts, 'forwarded_ipopt'),
  ];
}

/** The packet has the backend's address and port, and one hop less. */
function addressed(parts: RequestParts): Code {
  const { shape, places } = parts;
  return [
    load(r7, r10, places.tuple.protocol),
    rewrite(shape, r7, {
      which: 'destination',
      from: { address: places.tuple.destination.offset, port: places.tuple.destinationPort.offset },
      to: { address: places.backendAddress.offset, port: places.backendPort.offset },
    }),
    hop(parts),
  ];
}

/** The packet's header with the option, in the frame. */
function header4({ places }: RequestParts): Code {
  const { offset } = places.outer;
  const { versionIhl, totalLength, checksum } = Ipv4.within(offset);
  const option = offset + Ipv4.size;
  const length = Ipv4.size + IP_OPTION.length;
  return [
    copy({ base: r10, offset }, { base: r7, offset: L3 }, Ipv4.size, r2),
    storeImm(r10, versionIhl, 0x40 | (length / 4)),
    load(r1, r10, totalLength),
    toBig(r1, 16),
    add(r1, IP_OPTION.length),
    toBig(r1, 16),
    store(r10, totalLength, r1),
    storeImm(r10, checksum, 0),
    storeImm(r10, at(option, 'u8'), IP_OPTION.type),
    storeImm(r10, at(option + 1, 'u8'), IP_OPTION.length),
    load(r1, r10, places.tuple.destinationPort),
    store(r10, at(option + 2, 'u16'), r1),
    copy({ base: r10, offset: option + 4 }, { base: r10, offset: places.tuple.destination.offset }, 4, r2),
    sum(offset, length),
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
    copy({ base: r10, offset: option + 4 }, { base: r10, offset: places.tuple.destination.offset }, 16, r2),
    load(r1, r10, places.tuple.destinationPort),
    store(r10, at(option + 20, 'u16'), r1),
    storeImm(r10, at(option + 22, 'u16'), 0),
  ];
}
