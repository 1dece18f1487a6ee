import { asm, layout } from 'nekube/bpf';
import { type FamilyShape, L3, network16, SHAPES } from './family.ts';
import { copy, copyField, type Field, inFrame } from './frame.ts';
import { forward } from './forward.ts';
import type { DatapathOptions } from './options.ts';
import { outerHeader } from './outer.ts';
import { drop, headers, packetLength } from './parts.ts';
import { hash } from './hash.ts';
import { rewriteToBackend } from './to-backend.ts';
import type { RequestParts } from './request-frame.ts';
import { storeBytes } from './rewrite.ts';
import { makeRoomBefore } from './room.ts';
import { mustFitPath } from './path-size.ts';
import { mustFit } from './too-big.ts';

const { at, goto, jeq32, jne, label, load, mov, or, r1, r10, r2, r7, r8, store } = asm;
const { storeImm, toBig } = asm;
type Code = asm.Code;

const { be16, be32, struct, u8 } = layout;
const { Ethernet, PROTOCOL, Udp } = layout;

/** The header of Geneve (RFC 8926), without options. */
export const Geneve = struct('genevehdr', {
  /** Two bits of version, six of the options' length in words of four bytes. */
  versionLength: u8,
  flags: u8,
  /** What it carries, as Ethernet says it. */
  protocol: be16,
  /** The network's number in the upper 24 bits. */
  vni: be32,
});

/** What an option begins with. */
export const GeneveOption = struct('geneve_opt', {
  /** Whose the type is. */
  class: be16,
  type: u8,
  /** Of what follows, in words of four bytes. */
  length: u8,
});

/** Cilium's option for direct server return: the frontend's address and port, and two bytes of nothing. */
export const DSR_OPTION = { class: 0x014b, type: 0x81 } as const;
/** Ethernet within Geneve. */
export const TRANSPARENT_ETHERNET = 0x6558;
/** Where Geneve is sent, and what network it says it is, which is Cilium's for the world outside. */
export const GENEVE = { port: 6081, vni: 2 } as const;

/** What the option says, in bytes. */
export function optionLength({ addressLength }: FamilyShape): number {
  return GeneveOption.size + addressLength + 4;
}

/** All that is between an outer IP header and the packet's own. */
export function geneveLength(shape: FamilyShape): number {
  return Udp.size + Geneve.size + optionLength(shape) + Ethernet.size;
}

/**
 * How much larger a packet gets. It counts the larger of the outer headers for clients of IPv6, so that they are told one size, however
 * the nodes are reached.
 */
export function geneveOverhead(shape: FamilyShape): number {
  return shape.headerLength + geneveLength(shape);
}

/** What Geneve is sent with. */
export function geneveOf({ geneve }: DatapathOptions): { readonly port: number; readonly vni: number } {
  return { ...GENEVE, ...geneve };
}

/**
 * Sends the packet, with the backend's address and port, to its node in Geneve, of which an option says for which frontend it was. r8 is
 * the backend. It is on every packet, so that no node need know of a flow before.
 */
export function encapsulateGeneve(parts: RequestParts): Code {
  const { maps, places } = parts;
  return [
    copy(inFrame(places.nodeAddress), { base: r8, offset: parts.shape.layouts.backend.at.node.offset }, 16, r2),
    headers(L3 + parts.shape.headerLength),
    mustFit(parts, geneveOverhead(parts.shape)),
    // which family the node's address is of: one of IPv4 has zeros and 0xffff before it
    load(r1, r10, at(places.nodeAddress.offset, 'u32')),
    load(r2, r10, at(places.nodeAddress.offset + 4, 'u32')),
    or(r1, r2),
    jne(r1, 0, 'geneve by 6'),
    load(r1, r10, at(places.nodeAddress.offset + 8, 'u32')),
    jeq32(r1, 0xffff_0000 | 0, 'geneve by 4'),
    load(r2, r10, at(places.nodeAddress.offset + 12, 'u32')),
    or(r1, r2),
    jne(r1, 0, 'geneve by 6'),
    label('geneve to nowhere'),
    drop('drop_no_node_address', maps, places.counter.offset),
    label('geneve by 4'),
    within(parts, SHAPES[4], places.nodeAddress.offset + 12),
    label('geneve by 6'),
    within(parts, SHAPES[6], places.nodeAddress.offset),
  ];
}

function within(parts: RequestParts, outer: FamilyShape, destination: number): Code {
  const { shape, options, places } = parts;
  if (options.nodeAddresses[outer.family] === undefined) return goto('geneve to nowhere');
  const between = geneveLength(shape);
  const length = outer.headerLength + between;
  return [
    mustFitPath(parts, { overhead: length, destination: { offset: destination }, family: outer.family }),
    load(r7, r10, places.tuple.protocol),
    rewriteToBackend(parts),
    headers(L3 + shape.headerLength),
    outerHeader(parts, {
      family: outer.family,
      protocol: PROTOCOL.udp,
      between,
      destination,
      id: 'none',
      source: 'node',
    }),
    udp(parts, places.outer.offset + outer.headerLength),
    geneve(parts, places.outer.offset + outer.headerLength + Udp.size),
    copy(
      { base: r10, offset: places.outer.offset + length - Ethernet.size },
      { base: r7, offset: 0 },
      Ethernet.size,
      r2,
      2,
    ),
    makeRoomBefore(outer.family, length, 'geneve'),
    storeBytes(L3, places.outer.offset, length),
    outer.family === shape.family ? [] : writeEtherType(outer, places.counter),
    forward(parts, 'forwarded_geneve', outer, length),
  ];
}

/** From a port that is a hash of the flow, by which switches and machines spread it. Without a checksum, as tunnels may (RFC 6935). */
function udp(parts: RequestParts, offset: number): Code {
  const { shape, places, options } = parts;
  const { tuple } = places;
  const field = Udp.within(offset);
  return [
    hash(tuple.source.offset, shape.addressLength, tuple.sourcePort.offset, tuple.protocol.offset),
    asm.rsh32(r1, 18),
    asm.or32(r1, 0xc000),
    toBig(r1, 16),
    store(r10, field.source, r1),
    storeImm(r10, field.destination, network16(geneveOf(options).port)),
    packetLength(shape, r1),
    asm.add(r1, geneveLength(shape)),
    toBig(r1, 16),
    store(r10, field.length, r1),
    storeImm(r10, field.checksum, 0),
  ];
}

function geneve({ shape, places, options }: RequestParts, offset: number): Code {
  const field = Geneve.within(offset);
  const option = GeneveOption.within(offset + Geneve.size);
  const body = offset + Geneve.size + GeneveOption.size;
  return [
    storeImm(r10, field.versionLength, optionLength(shape) / 4),
    storeImm(r10, field.flags, 0),
    storeImm(r10, field.protocol, network16(TRANSPARENT_ETHERNET)),
    mov(r1, geneveOf(options).vni << 8),
    toBig(r1, 32),
    store(r10, field.vni, r1),
    storeImm(r10, option.class, network16(DSR_OPTION.class)),
    storeImm(r10, option.type, DSR_OPTION.type),
    storeImm(r10, option.length, optionLength(shape) / 4 - 1),
    copyField({ offset: body }, places.tuple.destination, shape.addressLength),
    load(r1, r10, places.tuple.destinationPort),
    store(r10, at(body + shape.addressLength, 'u16'), r1),
    storeImm(r10, at(body + shape.addressLength + 2, 'u16'), 0),
  ];
}

/** Ethernet says of which family the packet now is. `scratch` has four bytes of the frame. */
export function writeEtherType({ etherType }: FamilyShape, scratch: Field): Code {
  return [
    storeImm(r10, at(scratch.offset, 'u32'), network16(etherType)),
    storeBytes(Ethernet.at.type.offset, scratch.offset, 2),
  ];
}
