import { asm, layout } from 'nekube/bpf';
import { addressOf, clear, copy, inFrame } from './frame.ts';
import { FibLookup } from './forward.ts';
import { NEXT } from './parts.ts';
import type { RequestParts } from './request-frame.ts';

const { add, call, jeq, jne, label, goto, load, mov, r0, r1, r10, r2, r3, r4, r6, store, storeImm } = asm;
type Code = asm.Code;

const SUCCESS = 0;

/**
 * Where the kernel would send the outer header that is in the frame, and both addresses of hardware; goes on if that is by the device
 * that the packet came by, or by one of `targets`. Who is next must be known already: the kernel asks for it when it sends a packet
 * itself. Uses r0 to r5.
 */
export function routeOf({ shape, places }: RequestParts, targets: readonly number[]): Code {
  const fib = FibLookup.within(places.fib.offset);
  const outer = (field: number) => ({ base: r10, offset: places.outer.offset + field });
  return [
    clear(r10, places.fib.offset, FibLookup.size),
    storeImm(r10, fib.family, shape.addressFamily),
    load(r2, r6, layout.XdpMd.at.ingressIfindex),
    store(r10, fib.ifindex, r2),
    load(r2, r10, places.length),
    add(r2, shape.headerLength),
    store(r10, fib.totalLength, r2),
    copy(inFrame(fib.source), outer(shape.source), shape.addressLength, r2),
    copy(inFrame(fib.destination), outer(shape.destination), shape.addressLength, r2),
    mov(r1, r6),
    addressOf(r2, places.fib.offset),
    mov(r3, FibLookup.size),
    mov(r4, 0),
    call('fib_lookup'),
    jne(r0, SUCCESS, NEXT),
    load(r1, r10, fib.ifindex),
    load(r2, r6, layout.XdpMd.at.ingressIfindex),
    jeq(r1, r2, 'routed'),
    targets.map((ifindex) => jeq(r1, ifindex, 'routed')),
    goto(NEXT),
    label('routed'),
  ];
}
