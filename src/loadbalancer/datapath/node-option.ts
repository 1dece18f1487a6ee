import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3, network16 } from './family.ts';
import { copy } from './frame.ts';
import { DESTINATION_OPTION, IP_OPTION, ipOptionOverhead, resized4 } from './ip-option.ts';
import type { DatapathMaps } from './maps.ts';
import { mustBeTarget, nearer, type NodeFrame, nodeReplies, readTarget } from './node-frame.ts';
import type { DatapathOptions } from './options.ts';
import { count, mustHave, NEXT } from './parts.ts';
import { storeBytes } from './rewrite.ts';
import { adjustRoomBehind } from './room.ts';
import { readPacket } from './read-packet.ts';
import { recordReply } from './record-reply.ts';

const { add, and, at, goto, jlt, jne, load, r1, r10, r2, r7, store } = asm;
const { toBig, xor } = asm;
type Code = asm.Code;

const { Ethernet, Ipv4, Ipv6 } = layout;

/**
 * A packet that is addressed to a pod here, with an option that says for which frontend it was: the frontend is remembered for the replies,
 * and the packet goes on without the option. All others go to `otherwise`. r7 is the packet, r8 its end.
 */
export function takeOption(
  shape: FamilyShape,
  maps: DatapathMaps,
  options: DatapathOptions,
  places: NodeFrame,
  otherwise: string,
): Code {
  const { target, port, counter } = places;
  const option = L3 + shape.headerLength;
  const end = option + ipOptionOverhead(shape.family);
  return [
    mustHave(end, otherwise),
    load(r2, r7, Ethernet.at.type),
    jne(r2, network16(shape.etherType), otherwise),
    shape.family === 4 ? isOption4(option, otherwise) : isOption6(option, otherwise),
    // of more that is between the headers nothing is changed
    readPacket(shape, maps, places, { otherwise, late: otherwise, deep: otherwise }),
    readTarget(shape, places, { address: option + 4, port: option + (shape.family === 4 ? 2 : 20) }),
    mustBeTarget(shape, maps, places, { name: 'option', isTunnel: false }),
    shape.family === 4 ? header4(places) : header6(places),
    adjustRoomBehind(-ipOptionOverhead(shape.family)),
    storeBytes(L3, places.header.offset, shape.headerLength),
    nearer(places, ipOptionOverhead(shape.family)),
    recordReply(shape, maps, nodeReplies(places), { address: target.pod, port }, { options, isNamedOnce: true }),
    count('option_taken', maps, counter.offset),
    goto(NEXT),
  ];
}

/** The first option is ours. */
function isOption4(option: number, otherwise: string): Code {
  return [
    load(r2, r7, at(L3, 'u8')),
    jlt(r2, 0x40 | ((Ipv4.size + IP_OPTION.length) / 4), otherwise),
    load(r2, r7, at(option, 'u8')),
    // whether it is to be copied into fragments does not matter
    and(r2, 0x7f),
    jne(r2, IP_OPTION.type & 0x7f, otherwise),
    load(r2, r7, at(option + 1, 'u8')),
    jne(r2, IP_OPTION.length, otherwise),
  ];
}

function isOption6(option: number, otherwise: string): Code {
  const { header, length, type, optionLength } = DESTINATION_OPTION;
  const is = (offset: number, value: number) => [load(r2, r7, at(offset, 'u8')), jne(r2, value, otherwise)];
  return [
    is(L3 + Ipv6.at.nextHeader.offset, header),
    is(option + 1, length / 8 - 1),
    is(option + 2, type),
    is(option + 3, optionLength),
  ];
}

/** The packet's header without the option, in the frame. */
function header4({ header: { offset } }: NodeFrame): Code {
  const option = L3 + Ipv4.size;
  const words = Array.from({ length: IP_OPTION.length / 2 }, (_, i) => [
    load(r2, r7, at(option + 2 * i, 'u16')),
    xor(r2, 0xffff),
    add(r1, r2),
  ]);
  return [
    copy({ base: r10, offset }, { base: r7, offset: L3 }, Ipv4.size, r2),
    resized4(offset, -IP_OPTION.length, words),
  ];
}

function header6({ header: { offset } }: NodeFrame): Code {
  const { payloadLength, nextHeader } = Ipv6.within(offset);
  return [
    copy({ base: r10, offset }, { base: r7, offset: L3 }, Ipv6.size, r2),
    load(r1, r10, payloadLength),
    toBig(r1, 16),
    add(r1, -DESTINATION_OPTION.length),
    toBig(r1, 16),
    store(r10, payloadLength, r1),
    load(r1, r7, at(L3 + Ipv6.size, 'u8')),
    store(r10, nextHeader, r1),
  ];
}
