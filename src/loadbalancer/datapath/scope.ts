import { asm } from 'nekube/bpf';
import { SCOPE, SERVICE_FLAG } from '../maps/layouts.ts';
import { drop, lookup, NEXT, unique } from './parts.ts';
import type { RequestParts } from './request-frame.ts';

const { and, at, goto, jeq, jne, jset, label, load, mov, r0, r1, r10, r9, storeImm } = asm;
type Code = asm.Code;

/** r9 = what the service in r9 is to clients inside, which is another only where a policy `Local` holds for those outside. */
export function asInside({ shape, maps, places }: RequestParts): Code {
  return [
    load(r1, r9, shape.layouts.service.at.flags),
    jset(r1, SERVICE_FLAG.hasInside, 'inside'),
    goto('found'),
    label('inside'),
    storeImm(r10, places.service.scope, SCOPE.inside),
    lookup(maps[shape.family].services, places.service.address.offset),
    jeq(r0, 0, NEXT),
    mov(r9, r0),
    label('found'),
  ];
}

/**
 * Drops a packet to a service that comes from or goes to an address of the loopback device: on a wire nobody has one, and frontends
 * that have are for this machine alone.
 */
export function noMartian({ shape, maps, places }: RequestParts): Code {
  const { source, destination } = places.tuple;
  const good = `no martian ${unique()}`;
  const bad = `martian ${unique()}`;
  const test = ({ offset }: { readonly offset: number }): Code =>
    shape.family === 4 ? [load(r1, r10, at(offset, 'u8')), jeq(r1, 127, bad)] : ifLoopback6(offset, bad);
  return [
    test(source),
    test(destination),
    goto(good),
    label(bad),
    drop('drop_martian', maps, places.counter.offset),
    label(good),
  ];
}

/** Goes to a label if the address is ::1. */
function ifLoopback6(offset: number, then: string): Code {
  const other = `no loopback ${unique()}`;
  const words = [0, 4, 8].map((word) => [load(r1, r10, at(offset + word, 'u32')), jne(r1, 0, other)]);
  return [words, load(r1, r10, at(offset + 12, 'u32')), jeq(r1, 0x0100_0000, then), label(other), and(r1, 0)];
}
