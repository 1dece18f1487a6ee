import { asm, layout } from 'nekube/bpf';
import { FAMILIES } from '../maps/address.ts';
import { type FamilyShape, L3, network16, SHAPES } from './family.ts';
import { report } from './events.ts';
import {
  DSR_OPTION,
  Geneve,
  geneveLength,
  GeneveOption,
  geneveOf,
  optionLength,
  TRANSPARENT_ETHERNET,
  writeEtherType,
} from './geneve.ts';
import type { DatapathMaps } from './maps.ts';
import { dropsOf, isFromTunnel, mustBeTarget, nearer, nodeFrame, nodeReplies, readTarget } from './node-frame.ts';
import type { DatapathOptions } from './options.ts';
import { count, mustHave, NEXT, packet, unique } from './parts.ts';
import { takeRoomBefore } from './room.ts';
import { readPacket } from './read-packet.ts';
import { recordReply } from './record-reply.ts';

const { add, at, call, goto, jeq, jle, jne, label, load, mov, r0, r1, r2, r3, r6, r7, r8 } = asm;
type Code = asm.Code;

const { Ethernet, Udp } = layout;

/**
 * A packet to a pod here, of either family, that came in Geneve with the option that says for which frontend it was: the frontend is
 * remembered for the replies, and the packet goes on without the rest. All others are left alone. r7 is the packet, r8 its end, r3 the
 * protocol.
 */
export function takeFromGeneve(outer: FamilyShape, maps: DatapathMaps, options: DatapathOptions): Code {
  const l4 = L3 + outer.headerLength;
  const header = Geneve.within(l4 + Udp.size);
  const inner = l4 + Udp.size + Geneve.size;
  return [
    jne(r3, layout.PROTOCOL.udp, NEXT),
    mustHave(inner + GeneveOption.size),
    load(r2, r7, at(l4 + Udp.at.destination.offset, 'u16')),
    jne(r2, network16(geneveOf(options).port), NEXT),
    load(r2, r7, header.protocol),
    jne(r2, network16(TRANSPARENT_ETHERNET), NEXT),
    load(r2, r7, at(inner, 'u16')),
    jne(r2, network16(DSR_OPTION.class), NEXT),
    load(r2, r7, at(inner + GeneveOption.at.type.offset, 'u8')),
    jne(r2, DSR_OPTION.type, NEXT),
    isFromTunnel(outer, maps, nodeFrame(outer)),
    load(r2, r7, header.versionLength),
    FAMILIES.map((family) => jeq(r2, optionLength(SHAPES[family]) / 4, `geneve of ${family}`)),
    goto(NEXT),
    FAMILIES.map((family) => [label(`geneve of ${family}`), take(outer, SHAPES[family], maps, options)]),
  ];
}

function take(outer: FamilyShape, inner: FamilyShape, maps: DatapathMaps, options: DatapathOptions): Code {
  const places = nodeFrame(outer, inner);
  const { target, port, counter } = places;
  const length = outer.headerLength + geneveLength(inner);
  const option = L3 + outer.headerLength + Udp.size + Geneve.size;
  const ends = inner.family === outer.family ? '' : ` of ${inner.family}`;
  return [
    reach(L3 + length + inner.headerLength + 8),
    load(r2, r7, at(length + Ethernet.at.type.offset, 'u16')),
    jne(r2, network16(inner.etherType), NEXT),
    readPacket(inner, maps, places, { header: L3 + length, late: `late piece${ends}`, deep: `too deep${ends}` }),
    readTarget(inner, places, { address: option + GeneveOption.size, port: option + optionLength(inner) - 4 }),
    mustBeTarget(inner, maps, places, { name: `geneve of ${inner.family}`, isTunnel: true, ends }),
    takeRoomBefore(inner.family, length, `no room${ends}`),
    inner.family === outer.family ? [] : writeEtherType(inner, counter),
    nearer(places, length),
    recordReply(inner, maps, nodeReplies(places), { address: target.pod, port }, { options, report: `report${ends}` }),
    count('decapsulated', maps, counter.offset),
    goto(NEXT),
    inner.family === outer.family
      ? []
      : [dropsOf(inner, maps, places, ends), report(inner, maps, places, `report${ends}`)],
  ];
}

/** r7 and r8 anew, with as many bytes in reach, which are fetched if they lie elsewhere. Leaves packets that are shorter. */
function reach(bytes: number): Code {
  const here = `in reach ${unique()}`;
  return [
    packet(),
    mov(r2, r7),
    add(r2, bytes),
    jle(r2, r8, here),
    mov(r1, r6),
    mov(r2, bytes),
    call('skb_pull_data'),
    jne(r0, 0, NEXT),
    packet(),
    mustHave(bytes),
    label(here),
  ];
}
