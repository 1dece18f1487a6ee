/** Protocols above IP (https://www.iana.org/assignments/protocol-numbers). */
const ICMP = 1;
const IGMP = 2;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
/** Headers between that of IPv6 and what it carries, each with its length in words of 8 bytes besides the first. */
const EXTENSIONS = new Set([0, 43, 60]);
/** One of them that always has 8 bytes, and none for the length. */
const FRAGMENT = 44;
/** Types of ICMPv6 from here on are of the link: neighbours, routers, who listens to whom. */
const ICMP6_ECHO_REQUEST = 128;
const ICMP_ECHO_REQUEST = 8;

/** To whom a packet is. */
export interface Destination {
  /** As `/proc` is read: `192.0.2.1`, `[2001:db8:0:0:0:0:0:1]`. */
  readonly address: string;
  /** Of TCP and UDP; absent of others. */
  readonly port?: number;
  /** What it is, of others: `ICMP`. */
  readonly protocol?: string;
}

/**
 * To whom a packet of IP is; undefined: it is none, one of the link that the kernel sends by itself, or a fragment that is not the first, which alone
 * has the ports.
 */
export function destinationOf(packet: Uint8Array): Destination | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes.length >= 20) {
    const isLaterFragment = (bytes.readUInt16BE(6) & 0x1fff) > 0;
    if (isLaterFragment) return undefined;
    const address = [...bytes.subarray(16, 20)].join('.');
    return carried(address, bytes[9]!, bytes.subarray((bytes[0]! & 15) * 4));
  }
  if (version !== 6 || bytes.length < 40) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(24 + 2 * i).toString(16));
  let [protocol, rest] = [bytes[6]!, bytes.subarray(40)];
  while ((EXTENSIONS.has(protocol) || protocol === FRAGMENT) && rest.length >= 8) {
    if (protocol === FRAGMENT && rest.readUInt16BE(2) >> 3 > 0) return undefined;
    [protocol, rest] = [rest[0]!, rest.subarray(protocol === FRAGMENT ? 8 : 8 * (rest[1]! + 1))];
  }
  return carried(`[${groups.join(':')}]`, protocol, rest);
}

function carried(address: string, protocol: number, bytes: Buffer): Destination | undefined {
  switch (protocol) {
    case TCP:
    case UDP:
      return bytes.length < 4 ? { address } : { address, port: bytes.readUInt16BE(2) };
    case ICMP:
      return bytes[0] === ICMP_ECHO_REQUEST ? { address, protocol: 'ICMP' } : undefined;
    case ICMP6:
      return bytes[0] === ICMP6_ECHO_REQUEST ? { address, protocol: 'ICMP' } : undefined;
    case IGMP:
      return undefined;
    default:
      return { address, protocol: `protocol ${protocol}` };
  }
}
