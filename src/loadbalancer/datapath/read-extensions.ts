import { asm, layout } from 'nekube/bpf';
import { network16 } from './family.ts';
import { loadBehind, type Reading } from './read-packet.ts';

const { add, and, at, goto, jeq, jne, label, load, lsh, mov, r0, r1, r10, r2, store, storeImm } = asm;
type Code = asm.Code;
const { Ipv6, PROTOCOL } = layout;

/** Extension headers of IPv6 (RFC 8200). */
export const EXTENSION = { hopByHop: 0, routing: 43, fragment: 44, destination: 60 } as const;
/** So many are passed over; with each more the kernel's verifier takes a third longer to read the program. */
const HIGHEST = 4;
/** A mask of all places at which a header behind them may begin. */
const FARTHEST = 0x3fff;

/** Behind the extension headers of IPv6, one after another. Goes to `transport`, or to `message`. */
export function readExtensions(reading: Reading): Code {
  const { places, header, deep } = reading;
  return [
    storeImm(r10, places.l4, header + Ipv6.size),
    load(r1, r10, Ipv6.within(places.header.offset).nextHeader),
    store(r10, places.tuple.protocol, r1),
    storeImm(r10, places.cut, 0),
    Array.from({ length: HIGHEST + 1 }, (_, i) => passOver(reading, i)),
    goto(deep),
  ];
}

function passOver({ places, name, otherwise }: Reading, i: number): Code {
  const { part, piece } = places;
  const is = (what: string): string => name(`${what} ${i}`);
  return [
    load(r1, r10, places.tuple.protocol),
    jeq(r1, PROTOCOL.tcp, name('transport')),
    jeq(r1, PROTOCOL.udp, name('transport')),
    jeq(r1, EXTENSION.hopByHop, is('options')),
    jeq(r1, EXTENSION.destination, is('options')),
    jeq(r1, EXTENSION.routing, is('routing')),
    jeq(r1, EXTENSION.fragment, is('piece')),
    jne(r1, PROTOCOL.icmp6, otherwise),
    // a message in pieces is the kernel's
    load(r1, r10, places.cut),
    jne(r1, 0, otherwise),
    goto(name('message')),
    label(is('routing')),
    loadBehind(places.l4, 0, part.offset, 8),
    jne(r0, 0, otherwise),
    // who has more to visit is on its way through here
    load(r1, r10, at(part.offset + 3, 'u8')),
    jne(r1, 0, otherwise),
    label(is('options')),
    loadBehind(places.l4, 0, part.offset, 8),
    jne(r0, 0, otherwise),
    load(r1, r10, at(part.offset + 1, 'u8')),
    add(r1, 1),
    lsh(r1, 3),
    goto(is('pass')),
    label(is('piece')),
    loadBehind(places.l4, 0, part.offset, 8),
    jne(r0, 0, otherwise),
    load(r1, r10, at(part.offset + 4, 'u32')),
    store(r10, piece.id, r1),
    load(r1, r10, at(part.offset + 2, 'u16')),
    and(r1, network16(0xfff9)),
    store(r10, places.cut, r1),
    // what is behind is in the first piece alone
    and(r1, network16(0xfff8)),
    jne(r1, 0, name('transport')),
    mov(r1, 8),
    label(is('pass')),
    load(r2, r10, places.l4),
    add(r2, r1),
    // more than it can be: the kernel's verifier then takes all places for one, and reads what follows once
    and(r2, FARTHEST),
    store(r10, places.l4, r2),
    load(r2, r10, at(part.offset, 'u8')),
    store(r10, places.tuple.protocol, r2),
  ];
}
