import { asm, layout } from 'nekube/bpf';
import { addressBytes, type Family } from '../maps/address.ts';
import { L3, network16, SHAPES } from './family.ts';
import { copyField, writeConstant } from './frame.ts';
import { outerSource } from './outer-source.ts';
import { packetLength } from './parts.ts';
import type { RequestParts } from './request-frame.ts';
import { fold, sum } from './sums.ts';

const { add, at, load, r1, r10, r2, r7, store, storeImm, toBig } = asm;
type Code = asm.Code;

const { Ipv4, Ipv6 } = layout;

/** What an outer header is before. */
export interface OuterContent {
  /** Its family. */
  readonly family: Family;
  /** What it says that it carries. */
  readonly protocol: number;
  /** Bytes between it and the packet's own IP header. */
  readonly between: number;
  /** Where in the frame the address stands that it goes to. */
  readonly destination: number;
  /** What it is told apart by: the backend's port, or nothing. Of IPv4. */
  readonly id: 'port' | 'none';
  /** Where it comes from: this node, or what the options have for tunnels. */
  readonly source: 'node' | 'spread';
}

/**
 * An outer header in the frame: type of service and flow label as within, not to be fragmented, with 64 hops (RFC 2003, RFC 2473), unless
 * the options say otherwise. r7 is the packet with its IP header in reach. Uses r1 to r4.
 */
export function outerHeader(parts: RequestParts, content: OuterContent): Code {
  const { shape, places } = parts;
  const length = packetLength(shape, r1);
  const header = content.family === 4 ? outer4(parts, content, length) : outer6(parts, content, length);
  const { addressLength, destination } = SHAPES[content.family];
  return [
    copyField({ offset: places.outer.offset + destination }, { offset: content.destination }, addressLength),
    header,
  ];
}

function outer4(parts: RequestParts, content: OuterContent, length: Code): Code {
  const { places, options } = parts;
  const { offset } = places.outer;
  const field = Ipv4.within(offset);
  const { ttl = 64, id, dontFragment = true } = options.outer ?? {};
  const number = id ?? (content.id === 'port' ? 'port' : 0);
  return [
    storeImm(r10, field.versionIhl, 0x45),
    trafficClass(parts),
    store(r10, field.tos, r1),
    length,
    add(r1, Ipv4.size + content.between),
    toBig(r1, 16),
    store(r10, field.totalLength, r1),
    number === 'port'
      ? [load(r1, r10, places.backendPort), store(r10, field.id, r1)]
      : storeImm(r10, field.id, network16(number)),
    storeImm(r10, field.fragment, dontFragment ? network16(0x4000) : 0),
    storeImm(r10, field.ttl, ttl),
    storeImm(r10, field.protocol, content.protocol),
    storeImm(r10, field.checksum, 0),
    source(parts, content, field.source.offset),
    sum(offset, Ipv4.size),
    fold(),
    store(r10, field.checksum, r1),
  ];
}

function outer6(parts: RequestParts, content: OuterContent, length: Code): Code {
  const { places, options } = parts;
  const { offset } = places.outer;
  const field = Ipv6.within(offset);
  const { ttl = 64 } = options.outer ?? {};
  return [
    versionClassFlow(parts),
    store(r10, field.versionClassFlow, r1),
    length,
    add(r1, content.between),
    toBig(r1, 16),
    store(r10, field.payloadLength, r1),
    storeImm(r10, field.nextHeader, content.protocol),
    storeImm(r10, field.hopLimit, ttl),
    source(parts, content, field.source.offset),
  ];
}

/** r1 = the first word of an outer header of IPv6. Uses r2. */
function versionClassFlow(parts: RequestParts): Code {
  const { shape, options } = parts;
  const { tos, flowLabel } = options.outer ?? {};
  const own = [load(r2, r7, at(L3 + Ipv6.at.versionClassFlow.offset, 'u32'))];
  // as it is within, where it need not be made anew
  if (shape.family === 6 && tos === undefined && flowLabel === undefined) return [own, asm.mov(r1, r2)];
  const label =
    flowLabel === undefined && shape.family === 6
      ? [own, toBig(r2, 32), asm.and(r2, 0xf_ffff), asm.or(r1, r2)]
      : asm.or(r1, flowLabel ?? 0);
  return [trafficClass(parts), asm.lsh(r1, 20), asm.or(r1, 0x6000_0000), label, toBig(r1, 32)];
}

/** r1 = the type of service, in IPv6 the traffic class. */
function trafficClass({ shape, options }: RequestParts): Code {
  const { tos } = options.outer ?? {};
  if (tos !== undefined) return asm.mov(r1, tos);
  if (shape.family === 4) return load(r1, r7, at(L3 + Ipv4.at.tos.offset, 'u8'));
  return [
    load(r1, r7, at(L3 + Ipv6.at.versionClassFlow.offset, 'u16')),
    toBig(r1, 16),
    asm.rsh(r1, 4),
    asm.and(r1, 0xff),
  ];
}

function source(parts: RequestParts, { family, source: from }: OuterContent, to: number): Code {
  const node = parts.options.nodeAddresses[family];
  if (node === undefined) throw new TypeError(`a node without an address of IPv${family} has no such tunnels`);
  const spread = parts.options.outer?.sources?.[family];
  return from === 'node' || spread === undefined
    ? writeConstant(to, addressBytes(node))
    : outerSource(parts, family, spread, to);
}
