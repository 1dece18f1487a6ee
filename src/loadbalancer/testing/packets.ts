import { addressBytes, familyOf } from '../maps/address.ts';

/** A packet of TCP or UDP in words; what is not given is as packets usually are. */
export interface PacketShape {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol?: 'TCP' | 'UDP';
  /** Of TCP. Default: SYN. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly window?: number;
  readonly payload?: string;
  readonly ttl?: number;
  /** Of IPv4: the packet must not be cut into pieces. */
  readonly dontFragment?: boolean;
  /** Of IPv4. Default: 1. */
  readonly id?: number;
}

/** An outer header around a packet. */
export interface OuterShape {
  readonly source: string;
  readonly destination: string;
  /** Of IPv4. */
  readonly id?: number;
  readonly inner: Uint8Array;
}

const ETHERNET = { destination: [0x02, 0, 0, 0, 0, 0x01], source: [0x02, 0, 0, 0, 0, 0x02] };

/** A packet from its Ethernet header on, with checksums computed from all of it. */
export function packet(shape: PacketShape): Uint8Array {
  const { source, destination, protocol = 'TCP', ttl = 64 } = shape;
  const number = protocol === 'TCP' ? 6 : 17;
  const transport = transportOf(shape, protocol);
  const pseudo = [...addressBytes(source), ...addressBytes(destination), 0, number, ...u16(transport.length)];
  const sum = checksum([...pseudo, ...transport]);
  transport.splice(protocol === 'TCP' ? 16 : 6, 2, ...u16(protocol === 'UDP' && sum === 0 ? 0xffff : sum));
  return ethernet(
    source,
    ip(source, destination, number, transport, { id: shape.id, ttl, fragment: shape.dontFragment ? 0x4000 : 0 }),
  );
}

/** A packet within an outer header, as the one that takes requests sends it. */
export function outer({ source, destination, id = 0, inner }: OuterShape): Uint8Array {
  const content = [...inner.subarray(14)];
  const isFour = familyOf(source) === 4;
  const header = isFour
    ? ip(source, destination, 4, content, { id, fragment: 0x4000, ttl: 64 })
    : ip(source, destination, 41, content, { ttl: 64 });
  return ethernet(source, header);
}

/** What tells a sender that its packet must be smaller: to whom it came from, with the beginning of it within. */
export function tooBig({
  from,
  to,
  mtu,
  packet,
}: {
  readonly from: string;
  readonly to: string;
  readonly mtu: number;
  readonly packet: Uint8Array;
}): Uint8Array {
  const [type, code] = familyOf(from) === 4 ? [3, 4] : [2, 0];
  return back(packet, icmpError({ source: from, destination: to, type, code, rest: mtu, quote: quoteOf(packet) }));
}

/** An error of ICMP, or of ICMPv6, in words. */
export interface IcmpErrorShape {
  readonly source: string;
  readonly destination: string;
  readonly type: number;
  readonly code: number;
  /** The last two bytes of its header. */
  readonly rest?: number;
  /** What it has of a packet, without Ethernet's header. */
  readonly quote: Uint8Array;
  readonly id?: number;
  readonly ttl?: number;
  /** Of IPv4. */
  readonly fragment?: number;
}

/** An error of ICMP from its Ethernet header on. */
export function icmpError(shape: IcmpErrorShape): Uint8Array {
  const { source, destination, type, code, rest = 0, quote, id = 0, ttl = 64, fragment = 0 } = shape;
  const isFour = familyOf(source) === 4;
  const message = [type, code, 0, 0, 0, 0, ...u16(rest), ...quote];
  const pseudo = isFour ? [] : [...addressBytes(source), ...addressBytes(destination), ...u16(message.length), 0, 58];
  message.splice(2, 2, ...u16(checksum([...pseudo, ...message])));
  return ethernet(source, ip(source, destination, isFour ? 1 : 58, message, { id, ttl, fragment }));
}

/** A message of ICMP, or of ICMPv6, that asks whether somebody is there, or answers. */
export function icmpEcho({
  source,
  destination,
  isReply,
  ttl,
}: {
  readonly source: string;
  readonly destination: string;
  readonly isReply: boolean;
  readonly ttl: number;
}): Uint8Array {
  const [request, reply] = familyOf(source) === 4 ? [8, 0] : [128, 129];
  const quote = Buffer.from('number one, and all else that is said');
  return icmpError({ source, destination, type: isReply ? reply : request, code: 0, rest: 1, quote, ttl });
}

/** What an answer to a packet without options has of it. */
export function quoteOf(packet: Uint8Array): Uint8Array {
  return packet.subarray(14, packet[12] === 0x08 ? 14 + 28 : 14 + 48);
}

/** An answer with the hardware's addresses of a packet, the other way round. */
export function back(packet: Uint8Array, answer: Uint8Array): Uint8Array {
  return Uint8Array.from([...packet.subarray(6, 12), ...packet.subarray(0, 6), ...answer.subarray(12)]);
}

/** A frame of Ethernet around a packet to or from an address. */
export function ethernet(address: string, content: readonly number[]): Uint8Array {
  const type = familyOf(address) === 4 ? 0x0800 : 0x86dd;
  return Uint8Array.from([...ETHERNET.destination, ...ETHERNET.source, ...u16(type), ...content]);
}

function transportOf(shape: PacketShape, protocol: 'TCP' | 'UDP'): number[] {
  const { sourcePort, destinationPort, flags = 2, payload = '' } = shape;
  const bytes = [...Buffer.from(payload)];
  const ports = [...u16(sourcePort), ...u16(destinationPort)];
  if (protocol === 'UDP') return [...ports, ...u16(8 + bytes.length), 0, 0, ...bytes];
  const { sequence = 1, acknowledgment = 0, window = 8192 } = shape;
  const numbers = [...u32(sequence), ...u32(acknowledgment)];
  return [...ports, ...numbers, 0x50, flags, ...u16(window), 0, 0, 0, 0, ...bytes];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

/** A packet of IP without options. */
export function ip(
  source: string,
  destination: string,
  protocol: number,
  content: readonly number[],
  { id = 1, fragment = 0, ttl }: { readonly id?: number | undefined; readonly fragment?: number; readonly ttl: number },
): number[] {
  const addresses = [...addressBytes(source), ...addressBytes(destination)];
  if (familyOf(source) === 6) return [0x60, 0, 0, 0, ...u16(content.length), protocol, ttl, ...addresses, ...content];
  const header = [
    0x45,
    0,
    ...u16(20 + content.length),
    ...u16(id),
    ...u16(fragment),
    ttl,
    protocol,
    0,
    0,
    ...addresses,
  ];
  header.splice(10, 2, ...u16(checksum(header)));
  return [...header, ...content];
}

/** Two bytes in the network's order. */
export function u16(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

/** The checksum of the internet (RFC 1071). */
export function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
