import { asm, layout } from 'nekube/bpf';
import { addressBytes, type Family } from '../maps/address.ts';
import { L3, network16, SHAPES } from './family.ts';
import { copy } from './frame.ts';
import { forward } from './forward.ts';
import { drop } from './parts.ts';
import type { RequestParts } from './request.ts';
import { storeBytes } from './rewrite.ts';
import { constant } from './snat.ts';
import { fold, sum } from './sums.ts';
import { answerTooBig, mustFit } from './too-big.ts';

const { add, at, call, jne, label, load, mov, r0, r1, r10, r2, r3, r4, r6, r7, store, storeImm, toBig } = asm;
type Code = asm.Code;

/** `skb_adjust_room`: behind Ethernet's header. */
const ROOM_MAC = 1;
/** Its flags: what is put before the packet is a header of this family. */
const ENCAPSULATES: Readonly<Record<Family, number>> = { 4: 1 << 1, 6: 1 << 2 };

/** The outer header of a family. */
export function outerLayout(family: Family) {
  return layout.bytes(SHAPES[family].headerLength, 4);
}

/**
 * Sends the packet to the backend whose address and port are in the frame, within another header and else as it is. With IPv4 the
 * header's identification, and with IPv6 the last 16 bits of its source, are the backend's port, by which the backend's node can tell it where
 * the address alone does not.
 */
export function encapsulate(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const node = options.nodeAddresses[shape.family];
  if (node === undefined) return [drop('drop_no_backend', maps, places.counter.offset)];
  const { headerLength } = shape;
  return [
    // the packet's pointers are still good: nothing was written yet
    load(r7, r6, layout.SkBuff.at.data),
    load(asm.r8, r6, layout.SkBuff.at.dataEnd),
    mov(r2, r7),
    add(r2, L3 + headerLength),
    asm.jgt(r2, asm.r8, 'drop'),
    mustFit(parts, 'too big'),
    shape.family === 4 ? outer4(parts, node) : outer6(parts, node),
    mov(r1, r6),
    mov(r2, headerLength),
    mov(r3, ROOM_MAC),
    mov(r4, ENCAPSULATES[shape.family]),
    call('skb_adjust_room'),
    jne(r0, 0, 'no room'),
    storeBytes(L3, places.outer.offset, headerLength),
    forward(parts, 'forwarded_ipip'),
    label('no room'),
    drop('error_adjust_room', maps, places.counter.offset),
    answerTooBig(parts),
  ];
}

/** The outer header of IPv4 in the frame: type of service as within, not to be fragmented (RFC 2003). */
function outer4({ places }: RequestParts, node: string): Code {
  const { offset } = places.outer;
  const { Ipv4, PROTOCOL } = layout;
  const field = (name: keyof typeof Ipv4.at) => Ipv4.within(offset)[name] as asm.Place;
  return [
    storeImm(r10, field('versionIhl'), 0x45),
    load(r1, r7, at(L3 + Ipv4.at.tos.offset, 'u8')),
    store(r10, field('tos'), r1),
    load(r1, r7, at(L3 + Ipv4.at.totalLength.offset, 'u16')),
    toBig(r1, 16),
    add(r1, Ipv4.size),
    toBig(r1, 16),
    store(r10, field('totalLength'), r1),
    load(r1, r10, places.backendPort),
    store(r10, field('id'), r1),
    storeImm(r10, field('fragment'), network16(0x4000)),
    storeImm(r10, field('ttl'), 64),
    storeImm(r10, field('protocol'), PROTOCOL.ipip),
    storeImm(r10, field('checksum'), 0),
    constant(field('source').offset, addressBytes(node)),
    copy(
      { base: r10, offset: field('destination').offset },
      { base: r10, offset: places.backendAddress.offset },
      4,
      r2,
    ),
    sum(offset, Ipv4.size),
    fold(),
    store(r10, field('checksum'), r1),
  ];
}

/** The outer header of IPv6 in the frame: traffic class and flow label as within. */
function outer6({ places }: RequestParts, node: string): Code {
  const { offset } = places.outer;
  const { Ipv6, PROTOCOL } = layout;
  const { versionClassFlow, payloadLength, nextHeader, hopLimit, source, destination } = Ipv6.within(offset);
  return [
    load(r1, r7, at(L3 + Ipv6.at.versionClassFlow.offset, 'u32')),
    store(r10, versionClassFlow, r1),
    load(r1, r7, at(L3 + Ipv6.at.payloadLength.offset, 'u16')),
    toBig(r1, 16),
    add(r1, Ipv6.size),
    toBig(r1, 16),
    store(r10, payloadLength, r1),
    storeImm(r10, nextHeader, PROTOCOL.ipv6),
    storeImm(r10, hopLimit, 64),
    constant(source.offset, addressBytes(node)),
    copy({ base: r10, offset: destination.offset }, { base: r10, offset: places.backendAddress.offset }, 16, r2),
  ];
}
