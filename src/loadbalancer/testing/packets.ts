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
  readonly payload?: string;
  readonly ttl?: number;
  /** Of IPv4: the packet must not be cut into pieces. */
  readonly dontFragment?: boolean;
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
    ip(source, destination, number, transport, { ttl, fragment: shape.dontFragment ? 0x4000 : 0 }),
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
  const isFour = familyOf(from) === 4;
  const quote = [...packet.subarray(14, 14 + (isFour ? 28 : 48))];
  const message = [...(isFour ? [3, 4, 0, 0, 0, 0] : [2, 0, 0, 0, 0, 0]), ...u16(mtu), ...quote];
  const pseudo = isFour ? [] : [...addressBytes(from), ...addressBytes(to), ...u16(message.length), 0, 58];
  message.splice(2, 2, ...u16(checksum([...pseudo, ...message])));
  const answer = ethernet(from, ip(from, to, isFour ? 1 : 58, message, { id: 0, ttl: 64 }));
  return Uint8Array.from([...packet.subarray(6, 12), ...packet.subarray(0, 6), ...answer.subarray(12)]);
}

function ethernet(address: string, content: readonly number[]): Uint8Array {
  const type = familyOf(address) === 4 ? 0x0800 : 0x86dd;
  return Uint8Array.from([...ETHERNET.destination, ...ETHERNET.source, ...u16(type), ...content]);
}

function transportOf(shape: PacketShape, protocol: 'TCP' | 'UDP'): number[] {
  const { sourcePort, destinationPort, flags = 2, payload = '' } = shape;
  const bytes = [...Buffer.from(payload)];
  const ports = [...u16(sourcePort), ...u16(destinationPort)];
  if (protocol === 'UDP') return [...ports, ...u16(8 + bytes.length), 0, 0, ...bytes];
  return [...ports, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, ...u16(8192), 0, 0, 0, 0, ...bytes];
}

function ip(
  source: string,
  destination: string,
  protocol: number,
  content: readonly number[],
  { id = 1, fragment = 0, ttl }: { readonly id?: number; readonly fragment?: number; readonly ttl: number },
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

function u16(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

/** The checksum of the internet (RFC 1071). */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
