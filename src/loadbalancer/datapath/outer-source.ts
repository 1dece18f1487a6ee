import { asm } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import { type Prefix, prefixOf } from '../maps/prefix.ts';
import { writeConstant } from './frame.ts';
import type { OuterSource } from './options.ts';
import { hash } from './hash.ts';
import type { RequestParts } from './request-frame.ts';

const { and32, at, load, lsh32, mov32, mul32, or32, r1, r10, r2, r3, rsh32, store, toBig, xor32 } = asm;
type Code = asm.Code;

/** Of 32 bits, the golden ratio, as the kernel's `hash_32` has it. */
const GOLDEN_RATIO = 0x61c8_8647;

/**
 * Writes the source of an outer header: of a prefix of addresses one that is mixed from the client's address and port, so that a backend's
 * machine takes tunnels by several queues. Uses r1 to r3.
 *
 * @throws RangeError the prefix is none, or leaves too little
 */
export function outerSource(parts: RequestParts, family: Family, source: OuterSource, to: number): Code {
  if (source.formula === 'katran') return family === 4 ? katran4(parts, to) : katran6(parts, to);
  const { base, bits } = prefixOf(source.prefix, family);
  if (source.formula === 'hash32') return hash32(parts, { base, bits }, to);
  return family === 4 ? spread4(parts, { base, bits }, to) : spread6(parts, { base, bits }, to);
}

/** r1 = a hash of the client's address and port and the protocol. */
function clientHash({ shape, places: { tuple } }: RequestParts): Code {
  return hash(tuple.source.offset, shape.addressLength, tuple.sourcePort.offset, tuple.protocol.offset);
}

/** The bits behind the prefix are those of a hash. */
function spread4(parts: RequestParts, { base, bits }: Prefix, to: number): Code {
  const word = new DataView(base.buffer).getUint32(0);
  if (bits === 32) return writeConstant(to, base);
  return [
    clientHash(parts),
    bits === 0 ? [] : rsh32(r1, bits),
    or32(r1, word | 0),
    toBig(r1, 32),
    store(r10, at(to, 'u32'), r1),
  ];
}

/** The last 16 bits are the backend's port, those before as many of a hash as the prefix leaves of them. */
function spread6(parts: RequestParts, { base, bits }: Prefix, to: number): Code {
  if (bits > 96) throw new RangeError(`a prefix of ${bits} bits must have 96 at most, for the port to be carried`);
  const word = new DataView(base.buffer).getUint32(12);
  return [
    writeConstant(to, base),
    clientHash(parts),
    and32(r1, 0xffff_0000 | 0),
    load(r2, r10, parts.places.backendPort),
    toBig(r2, 16),
    or32(r1, r2),
    word === 0 ? [] : or32(r1, word | 0),
    toBig(r1, 32),
    store(r10, at(to + 12, 'u32'), r1),
  ];
}

/** Cilium's: behind the prefix, of each word of the client's address and its ports a multiplicative hash. */
function hash32({ places: { tuple } }: RequestParts, { base, bits }: Prefix, to: number): Code {
  const words = Array.from({ length: base.length / 4 }, (_, i) => {
    const left = Math.min(32, 32 * (i + 1) - bits);
    const own = new DataView(base.buffer).getUint32(4 * i);
    if (left <= 0) return [];
    return [
      load(r1, r10, at(tuple.source.offset + 4 * i, 'u32')),
      load(r2, r10, tuple.sourcePort),
      lsh32(r2, 16),
      load(r3, r10, tuple.destinationPort),
      or32(r2, r3),
      xor32(r1, r2),
      mul32(r1, GOLDEN_RATIO),
      left < 32 ? rsh32(r1, 32 - left) : [],
      or32(r1, own | 0),
      toBig(r1, 32),
      store(r10, at(to + 4 * i, 'u32'), r1),
    ];
  });
  return [writeConstant(to, base), words];
}

/** katran's: 172.16, then the client's last 16 bits with its port, of which the bytes are swapped, in them. */
function katran4({ places: { tuple } }: RequestParts, to: number): Code {
  return [
    writeConstant(to, Uint8Array.of(172, 16, 0, 0)),
    load(r1, r10, tuple.sourcePort),
    toBig(r1, 16),
    load(r2, r10, at(tuple.source.offset + 2, 'u16')),
    xor32(r1, r2),
    store(r10, at(to + 2, 'u16'), r1),
  ];
}

/** katran's: 0100::, then the client's last 32 bits with its port in the upper ones. */
function katran6({ places: { tuple } }: RequestParts, to: number): Code {
  return [
    writeConstant(to, Uint8Array.of(1, ...new Uint8Array(15))),
    load(r1, r10, at(tuple.source.offset + 12, 'u32')),
    load(r2, r10, tuple.sourcePort),
    mov32(r3, r2),
    xor32(r1, r3),
    store(r10, at(to + 12, 'u32'), r1),
  ];
}
