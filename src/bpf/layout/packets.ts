import { be16, be32, u8 } from './scalar.ts';
import { bytes } from './sequence.ts';
import { struct } from './struct.ts';

/** The header of Ethernet. */
export const Ethernet = struct('ethhdr', { destination: bytes(6), source: bytes(6), type: be16 });

/** The header of IPv4 without options. */
export const Ipv4 = struct('iphdr', {
  /** Four bits of version, four of the header's length in words of four bytes: 0x45 without options. */
  versionIhl: u8,
  tos: u8,
  totalLength: be16,
  id: be16,
  /** Three bits of flags (0x4000: don't fragment, 0x2000: more follow), then the offset in units of eight bytes. */
  fragment: be16,
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: be32,
  destination: be32,
});

/** The header of IPv6 without extensions. */
export const Ipv6 = struct('ipv6hdr', {
  /** Four bits of version, eight of traffic class, twenty of flow label. */
  versionClassFlow: be32,
  payloadLength: be16,
  nextHeader: u8,
  hopLimit: u8,
  source: bytes(16, 4),
  destination: bytes(16, 4),
});

/** The header of TCP without options. */
export const Tcp = struct('tcphdr', {
  source: be16,
  destination: be16,
  sequence: be32,
  acknowledgment: be32,
  /** Four bits: the header's length in words of four bytes. */
  dataOffset: u8,
  flags: u8,
  window: be16,
  checksum: be16,
  urgent: be16,
});

/** The header of UDP. */
export const Udp = struct('udphdr', { source: be16, destination: be16, length: be16, checksum: be16 });

/** The header of ICMP, and what most of its messages have behind it. */
export const Icmp = struct('icmphdr', { type: u8, code: u8, checksum: be16, rest: be32 });

/** Types of Ethernet's frames. */
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;

/** Protocols of IP. */
export const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmp6: 58, sctp: 132 } as const;
