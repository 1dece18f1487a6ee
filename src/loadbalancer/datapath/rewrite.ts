import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { addressOf, type Field } from './frame.ts';
import { unique } from './parts.ts';
import type { TuplePlaces } from './tuples.ts';

const { call, goto, jeq, label, mov, r0, r1, r10, r2, r3, r4, r5, r6 } = asm;
type Code = asm.Code;
type Register = asm.Register;

/** Flags of `l4_csum_replace`, of which the lowest bits are how many bytes are replaced. */
const PSEUDO_HEADER = 0x10;
/** A checksum of zero stands for none, and stays. */
const MANGLED_ZERO = 0x20;

/** An address and a port in the frame. */
export interface EndPlaces {
  readonly address: Field;
  readonly port: Field;
}

/** Which address and port of a packet get another value, and where in the frame that is. */
export interface Rewrite {
  readonly which: 'source' | 'destination';
  /** Without an address only the port gets another value. */
  readonly to: Pick<EndPlaces, 'port'> & Partial<EndPlaces>;
}

/** Where a frame has what is known of a packet, as `readPacket` leaves it. */
export interface HeaderPlaces {
  readonly tuple: TuplePlaces;
  readonly l4: asm.Place;
  readonly quote: asm.Place;
  /** Room for an address. */
  readonly former: Field;
}

/** A place in the packet: so many bytes from its start, or from where a field of the frame says. */
export type Offset = number | { readonly from: asm.Place; readonly plus: number };

/**
 * Writes another address and port into a packet of TCP or UDP, and mends its checksums by what has changed, so that they may be left to
 * a device. A piece of a packet that has no ports gets the address. In an error of ICMP they are written into the packet within, the other way
 * round, and the address into the header as well. What is in the packet stands in the frame's tuple, too. `protocol` is a register that is
 * kept across calls; r6 is the context. Pointers into the packet are not good any more.
 */
export function rewrite(shape: FamilyShape, protocol: Register, change: Rewrite, places: HeaderPlaces): Code {
  const { which, to } = change;
  const from = endOf(places.tuple, which);
  const at = (plus: number): Offset => ({ from: places.l4, plus });
  const name = labels('udp', 'checked', 'no ports', 'quoted', 'rewritten');
  const mend = (checksum: number, flags: number): Code => [
    to.address === undefined
      ? []
      : addressChecksum(shape, from.address, to.address, at(checksum), flags | PSEUDO_HEADER),
    // the port is no part of the pseudo header
    portChecksum(from.port, to.port, at(checksum), flags),
  ];
  return [
    asm.load(r1, r10, places.quote),
    asm.jne(r1, 0, name.quoted),
    asm.load(r1, r10, places.l4),
    jeq(r1, 0, name['no ports']),
    jeq(protocol, layout.PROTOCOL.udp, name.udp),
    mend(layout.Tcp.at.checksum.offset, 0),
    goto(name.checked),
    label(name.udp),
    mend(layout.Udp.at.checksum.offset, MANGLED_ZERO),
    label(name.checked),
    storeBytes(at(which === 'source' ? 0 : 2), to.port.offset, 2),
    label(name['no ports']),
    to.address === undefined
      ? []
      : [
          shape.family === 4 ? headerChecksum(L3, from.address, to.address) : [],
          storeBytes(L3 + shape[which], to.address.offset, shape.addressLength),
        ],
    goto(name.rewritten),
    label(name.quoted),
    rewriteQuote(shape, protocol, change, places),
    label(name.rewritten),
  ];
}

/** What stands in the packet now. */
function endOf(tuple: TuplePlaces, which: Rewrite['which']): EndPlaces {
  return which === 'source'
    ? { address: tuple.source, port: tuple.sourcePort }
    : { address: tuple.destination, port: tuple.destinationPort };
}

/** Labels that no other part of the program has. */
function labels<const N extends string>(...names: readonly N[]): Readonly<Record<N, string>> {
  const id = unique();
  return Object.fromEntries(names.map((name) => [name, `${name} ${id}`])) as Record<N, string>;
}

/**
 * In an error of ICMP: its own address and that within, which are not the same where the source changes, since the error may come from
 * anybody on the way; and the port within. Where as much is quoted as has the transport's checksum, that is mended as well.
 */
function rewriteQuote(shape: FamilyShape, protocol: Register, { which, to }: Rewrite, places: HeaderPlaces): Code {
  const { tuple, l4, quote, former } = places;
  const from = endOf(tuple, which);
  const message: Offset = { from: quote, plus: layout.Icmp.at.checksum.offset - layout.Icmp.size };
  return [
    to.address === undefined ? [] : addressOfQuote(shape, { which, to: to.address }, message, places),
    portChecksum(from.port, to.port, message, 0),
    storeBytes({ from: l4, plus: which === 'source' ? 2 : 0 }, to.port.offset, 2),
    quotedChecksum(shape, protocol, { from, to }, { l4, message, former }),
  ];
}

function addressOfQuote(
  shape: FamilyShape,
  { which, to }: { readonly which: Rewrite['which']; readonly to: Field },
  message: Offset,
  { tuple, quote, former }: HeaderPlaces,
): Code {
  const from = endOf(tuple, which).address;
  const other = which === 'source' ? 'destination' : 'source';
  const within = (plus: number): Offset => ({ from: quote, plus });
  return [
    mov(r1, r6),
    mov(r2, L3 + shape[which]),
    addressOf(r3, former.offset),
    mov(r4, shape.addressLength),
    call('skb_load_bytes'),
    shape.family === 4
      ? // the header within and its checksum are as much together as before
        [headerChecksum(L3, former, to), headerChecksum(within(0), from, to)]
      : [addressChecksum(shape, former, to, message, PSEUDO_HEADER), addressChecksum(shape, from, to, message, 0)],
    storeBytes(L3 + shape[which], to.offset, shape.addressLength),
    storeBytes(within(shape[other]), to.offset, shape.addressLength),
  ];
}

/**
 * The checksum of TCP or UDP that is quoted, if it is, and that of the message by what it has become. As it is quoted it is the sender's, so
 * that what has changed mends it, however much else is quoted.
 */
function quotedChecksum(
  shape: FamilyShape,
  protocol: Register,
  { from, to }: { readonly from: EndPlaces; readonly to: Rewrite['to'] },
  { l4, former, message }: Pick<HeaderPlaces, 'l4' | 'former'> & { readonly message: Offset },
): Code {
  const name = labels('udp', 'mended', 'not quoted');
  const [before, after] = [former, { offset: former.offset + 2 }];
  const read = (place: Offset, to: Field): Code => [
    mov(r1, r6),
    offsetTo(place),
    addressOf(r3, to.offset),
    mov(r4, 2),
    call('skb_load_bytes'),
    asm.jne(r0, 0, name['not quoted']),
  ];
  const mend = (checksum: Offset, flags: number): Code => [
    read(checksum, before),
    to.address === undefined ? [] : addressChecksum(shape, from.address, to.address, checksum, flags),
    portChecksum(from.port, to.port, checksum, flags),
    read(checksum, after),
  ];
  return [
    jeq(protocol, layout.PROTOCOL.udp, name.udp),
    mend({ from: l4, plus: layout.Tcp.at.checksum.offset }, 0),
    goto(name.mended),
    label(name.udp),
    mend({ from: l4, plus: layout.Udp.at.checksum.offset }, MANGLED_ZERO),
    label(name.mended),
    portChecksum(before, after, message, 0),
    label(name['not quoted']),
  ];
}

/** Writes bytes of the frame into the packet. */
export function storeBytes(offset: Offset, from: number, length: number): Code {
  return [mov(r1, r6), offsetTo(offset), addressOf(r3, from), mov(r4, length), mov(r5, 0), call('skb_store_bytes')];
}

/** r2 = the place. */
function offsetTo(offset: Offset): Code {
  return typeof offset === 'number' ? mov(r2, offset) : [asm.load(r2, r10, offset.from), asm.add(r2, offset.plus)];
}

function plus(offset: Offset, more: number): Offset {
  return typeof offset === 'number' ? offset + more : { ...offset, plus: offset.plus + more };
}

/** The checksum of a header of IPv4. */
function headerChecksum(header: Offset, from: Field, to: Field): Code {
  return [
    mov(r1, r6),
    offsetTo(plus(header, layout.Ipv4.at.checksum.offset)),
    words(from, to, 'u32'),
    mov(r5, 4),
    call('l3_csum_replace'),
  ];
}

function portChecksum(from: Field, to: Field, offset: Offset, flags: number): Code {
  return [words(from, to, 'u16'), replace(offset, flags | 2)];
}

/** r3 and r4 = what is replaced in a checksum, and by what. */
function words(from: Field, to: Field, size: 'u16' | 'u32'): Code {
  return [asm.load(r3, r10, asm.at(from.offset, size)), asm.load(r4, r10, asm.at(to.offset, size))];
}

function replace(offset: Offset, flags: number): Code {
  return [mov(r1, r6), offsetTo(offset), mov(r5, flags), call('l4_csum_replace')];
}

/** By the difference of both, which is computed once for addresses of 16 bytes. */
function addressChecksum({ addressLength }: FamilyShape, from: Field, to: Field, offset: Offset, flags: number): Code {
  if (addressLength === 4) return [words(from, to, 'u32'), replace(offset, flags | 4)];
  return [
    addressOf(r1, from.offset),
    mov(r2, addressLength),
    addressOf(r3, to.offset),
    mov(r4, addressLength),
    mov(r5, 0),
    call('csum_diff'),
    mov(r4, r0),
    mov(r3, 0),
    replace(offset, flags),
  ];
}
