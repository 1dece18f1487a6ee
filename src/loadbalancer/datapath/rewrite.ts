import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3 } from './family.ts';
import { addressOf } from './frame.ts';
import { unique } from './parts.ts';

const { call, goto, jeq, label, mov, r0, r1, r10, r2, r3, r4, r5, r6 } = asm;
type Code = asm.Code;
type Register = asm.Register;

/** Flags of `l4_csum_replace`, of which the lowest bits are how many bytes are replaced. */
const PSEUDO_HEADER = 0x10;
/** A checksum of zero stands for none, and stays. */
const MANGLED_ZERO = 0x20;

/** An address and a port of a packet, and what is to stand there. */
export interface Rewrite {
  readonly which: 'source' | 'destination';
  /** Where in the frame the address that is in the packet stands, and the one that shall be. */
  readonly from: { readonly address: number; readonly port: number };
  readonly to: { readonly address: number; readonly port: number };
}

/**
 * Writes another address and port into a packet of TCP or UDP without options, and mends its checksums by what has changed, so that
 * they may be left to a device. `protocol` is a register that is kept across calls; r6 is the context. Pointers into the packet are not
 * good any more.
 */
export function rewrite(shape: FamilyShape, protocol: Register, { which, from, to }: Rewrite): Code {
  const udp = `udp ${unique()}`;
  const done = `rewritten ${unique()}`;
  const l4 = L3 + shape.headerLength;
  const port = l4 + (which === 'source' ? 0 : 2);
  const mend = (checksum: number, flags: number): Code => [
    addressChecksum(shape, from.address, to.address, l4 + checksum, flags),
    // the port is no part of the pseudo header
    asm.load(r3, r10, asm.at(from.port, 'u16')),
    asm.load(r4, r10, asm.at(to.port, 'u16')),
    replace(l4 + checksum, flags | 2),
  ];
  return [
    jeq(protocol, layout.PROTOCOL.udp, udp),
    mend(layout.Tcp.at.checksum.offset, 0),
    goto(done),
    label(udp),
    mend(layout.Udp.at.checksum.offset, MANGLED_ZERO),
    label(done),
    shape.family === 4 ? headerChecksum(from.address, to.address) : [],
    storeBytes(L3 + shape[which], to.address, shape.addressLength),
    storeBytes(port, to.port, 2),
  ];
}

/** Writes bytes of the frame into the packet. */
export function storeBytes(offset: number, from: number, length: number): Code {
  return [mov(r1, r6), mov(r2, offset), addressOf(r3, from), mov(r4, length), mov(r5, 0), call('skb_store_bytes')];
}

function headerChecksum(from: number, to: number): Code {
  return [
    mov(r1, r6),
    mov(r2, L3 + layout.Ipv4.at.checksum.offset),
    asm.load(r3, r10, asm.at(from, 'u32')),
    asm.load(r4, r10, asm.at(to, 'u32')),
    mov(r5, 4),
    call('l3_csum_replace'),
  ];
}

function replace(offset: number, flags: number): Code {
  return [mov(r1, r6), mov(r2, offset), mov(r5, flags), call('l4_csum_replace')];
}

/** By the difference of both, which is computed once for addresses of 16 bytes. */
function addressChecksum(
  { addressLength }: FamilyShape,
  from: number,
  to: number,
  offset: number,
  flags: number,
): Code {
  if (addressLength === 4)
    return [
      asm.load(r3, r10, asm.at(from, 'u32')),
      asm.load(r4, r10, asm.at(to, 'u32')),
      replace(offset, flags | PSEUDO_HEADER | 4),
    ];
  return [
    addressOf(r1, from),
    mov(r2, addressLength),
    addressOf(r3, to),
    mov(r4, addressLength),
    mov(r5, 0),
    call('csum_diff'),
    mov(r4, r0),
    mov(r3, 0),
    replace(offset, flags | PSEUDO_HEADER),
  ];
}
