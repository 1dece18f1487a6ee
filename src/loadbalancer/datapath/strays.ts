import { asm, layout } from 'nekube/bpf';
import { addressBytes } from '../maps/address.ts';
import { L3 } from './family.ts';
import { copyField, ifNot } from './frame.ts';
import { count, drop, lookup, NEXT, redirectBack } from './parts.ts';
import { ECHO } from './read-quote.ts';
import { loadBytes } from './read-packet.ts';
import type { RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';

const { at, call, goto, jeq, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6, storeImm } = asm;
type Code = asm.Code;

/** How many hops an answer has. */
const HOPS = 64;

/**
 * What becomes of packets to a frontend's address of which no port is known: pieces before the first one, and those with too many
 * extension headers, are dropped, since no host has the address; who asks whether it is there is answered. What is for other addresses is
 * left as it is. It belongs behind a program that has read its packet.
 */
export function strays(parts: RequestParts, { addsOptions }: { readonly addsOptions: boolean }): Code {
  const { maps, places } = parts;
  const key = places.counter.offset;
  return [
    label('late piece'),
    mustBeFrontend(parts),
    drop('drop_late_piece', maps, key),
    // of IPv4 only what adds an option finds no room
    parts.shape.family === 4 && !addsOptions
      ? []
      : [label('too deep'), mustBeFrontend(parts), drop('drop_extensions', maps, key)],
    label('echo'),
    mustBeFrontend(parts),
    echo(parts),
  ];
}

/** The labels of `readPacket` that `strays` has. */
export const STRAYS = { late: 'late piece', deep: 'too deep', echo: 'echo' } as const;

function mustBeFrontend({ shape, maps, places }: RequestParts): Code {
  return [lookup(maps[shape.family].addresses, places.tuple.destination.offset), jeq(r0, 0, NEXT)];
}

/** Sends the message back as an answer. This machine's own address is answered for by its kernel. */
function echo(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const { tuple, macs } = places;
  const { request, reply } = ECHO[shape.family];
  const own = options.nodeAddresses[shape.family];
  return [
    own === undefined
      ? []
      : [ifNot(tuple.destination.offset, addressBytes(own), 'answer echo'), goto(NEXT), label('answer echo')],
    loadBytes(6, macs.offset, 6, NEXT),
    loadBytes(0, macs.offset + 6, 6, NEXT),
    storeBytes(0, macs.offset, 12),
    hops(parts),
    storeBytes(L3 + shape.source, tuple.destination.offset, shape.addressLength),
    storeBytes(L3 + shape.destination, tuple.source.offset, shape.addressLength),
    // the type is the upper half of a word of the message; addresses that change places are summed up alike
    storeImm(r10, at(macs.offset, 'u32'), reply),
    storeBytes({ from: places.l4, plus: 0 }, macs.offset, 1),
    mov(r1, r6),
    load(r2, r10, places.l4),
    asm.add(r2, layout.Icmp.at.checksum.offset),
    mov(r3, request),
    mov(r4, reply),
    mov(r5, 2),
    call('l4_csum_replace'),
    count('icmp_echoed', maps, places.counter.offset),
    redirectBack(),
  ];
}

/** The answer has all hops before it. */
function hops({ shape, places }: RequestParts): Code {
  const { Ipv4, Ipv6 } = layout;
  const { offset } = places.macs;
  if (shape.family === 6)
    return [storeImm(r10, at(offset, 'u32'), HOPS), storeBytes(L3 + Ipv6.at.hopLimit.offset, offset, 1)];
  // with the protocol behind it, as a word of the header's checksum
  return [
    loadBytes(L3 + Ipv4.at.ttl.offset, offset, 2, NEXT),
    copyField({ offset: offset + 2 }, { offset }, 2),
    storeImm(r10, at(offset + 2, 'u8'), HOPS),
    mov(r1, r6),
    mov(r2, L3 + Ipv4.at.checksum.offset),
    load(r3, r10, at(offset, 'u16')),
    load(r4, r10, at(offset + 2, 'u16')),
    mov(r5, 2),
    call('l3_csum_replace'),
    storeBytes(L3 + Ipv4.at.ttl.offset, offset + 2, 2),
  ];
}
