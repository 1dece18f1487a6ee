import { asm, layout } from 'nekube/bpf';
import { MODE, SCOPE } from '../maps/layouts.ts';
import type { Mode } from '../model/config.ts';
import { type FamilyShape, L3, network16 } from './family.ts';
import { copyField } from './frame.ts';
import type { DatapathMaps } from './maps.ts';
import type { NodeFrame } from './node-frame.ts';
import type { DatapathOptions } from './options.ts';
import { overheadOf, SEGMENT_HEADERS } from './overhead.ts';
import { count, lookup, mustHave, packet, TCP_FLAG } from './parts.ts';
import { storeBytes } from './rewrite.ts';

const { and, at, call, goto, jeq, jle, jne, label, load, mov, r0, r1, r10, r2, r3, r4, r5, r6, r7, r9 } = asm;
const { store, storeImm, toBig } = asm;
type Code = asm.Code;

/** An option of TCP that says how large segments may be: its kind, and its length. */
const SEGMENT_SIZE = 0x0204;
const OPTION_BYTES = 4;
const TUNNELS: readonly Mode[] = ['dsr-ipip', 'dsr-ipopt', 'dsr-geneve'];

/**
 * Lowers the size of segments that a pod offers a client, in its reply to the first packet of a connection, to what fits with what the
 * frontend's mode adds to the client's packets: nobody must be told of sizes then. It is done where the size is the first option, as
 * with all common systems. What came by another node's port has the most that any mode adds. The reply's frontend is in the frame; it is not
 * rewritten yet. Uses r0 to r5, r7 to r9.
 */
export function clampSegments(
  shape: FamilyShape,
  maps: DatapathMaps,
  places: NodeFrame,
  { clampsSegments = false, mtu }: DatapathOptions,
): Code {
  if (!clampsSegments) return [];
  const { Tcp, PROTOCOL } = layout;
  const l4 = L3 + shape.headerLength;
  const option = l4 + Tcp.size;
  const { tuple, counter } = places;
  const past = 'as large as it may be';
  return [
    load(r1, r10, places.quote),
    jne(r1, 0, past),
    load(r1, r10, tuple.protocol),
    jne(r1, PROTOCOL.tcp, past),
    load(r1, r10, places.l4),
    jne(r1, l4, past),
    packet(),
    mustHave(option + OPTION_BYTES, past),
    load(r1, r7, at(l4 + Tcp.at.flags.offset, 'u8')),
    and(r1, TCP_FLAG.syn),
    jeq(r1, 0, past),
    load(r1, r7, at(option, 'u16')),
    jne(r1, network16(SEGMENT_SIZE), past),
    largest(shape, maps, places, mtu, past),
    load(r3, r7, at(option + 2, 'u16')),
    mov(r2, r3),
    toBig(r2, 16),
    jle(r2, r9, past),
    toBig(r9, 16),
    store(r10, at(counter.offset, 'u16'), r9),
    mov(r1, r6),
    mov(r2, l4 + Tcp.at.checksum.offset),
    mov(r4, r9),
    mov(r5, 2),
    call('l4_csum_replace'),
    storeBytes(option + 2, counter.offset, 2),
    count('clamped', maps, counter.offset),
    label(past),
  ];
}

/** r9 = how large a segment may be that comes by the frontend's mode; past it if all may come. */
function largest(
  shape: FamilyShape,
  maps: DatapathMaps,
  { reply, reverse }: NodeFrame,
  mtu: number,
  past: string,
): Code {
  // the tuple of the other direction is nothing that a reply's program has
  const key = shape.layouts.serviceKey.within(reverse.source.offset);
  const limit = (mode: Mode): number => mtu - overheadOf(mode, shape.family) - SEGMENT_HEADERS[shape.family];
  const known = 'size is known';
  return [
    copyField(key.address, reply.address, shape.addressLength),
    load(r1, r10, reply.port),
    store(r10, key.port, r1),
    storeImm(r10, key.protocol, layout.PROTOCOL.tcp),
    storeImm(r10, key.scope, SCOPE.outside),
    lookup(maps[shape.family].services, key.address.offset),
    mov(r9, Math.min(...TUNNELS.map(limit))),
    jeq(r0, 0, known),
    load(r1, r0, shape.layouts.service.at.mode),
    jeq(r1, MODE.snat, past),
    TUNNELS.map((mode) => [mov(r9, limit(mode)), jeq(r1, MODE[mode], known)]),
    goto(past),
    label(known),
  ];
}
