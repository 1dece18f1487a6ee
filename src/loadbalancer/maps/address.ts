import { formatIp, parseIp } from 'nekube/apimachinery';

/** The families of addresses that are balanced. */
export type Family = 4 | 6;

/** The families, for what is made for each. */
export const FAMILIES = [4, 6] as const;

/** The family of an address, or of a range of them. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/**
 * The bytes of an address, four or sixteen, as they stand in a packet.
 *
 * @throws RangeError the text is no address.
 */
export function addressBytes(text: string): Uint8Array {
  const usual = dotted(text);
  if (usual !== undefined) return usual;
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`${JSON.stringify(text)} must be an IP address`);
  return Uint8Array.from(familyOf(text) === 4 ? address.bytes.slice(12) : address.bytes);
}

const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39];

/**
 * The four bytes of an address as all write it; undefined for others, which are parsed with all that may be in one. Of many thousand
 * backends reading addresses is a large part of what their entries take.
 */
function dotted(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let byte = 0;
  let at = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT && digits > 0 && at < 3) {
      bytes[at++] = byte;
      byte = digits = 0;
    } else if (code >= ZERO && code <= NINE && digits < 3) {
      byte = 10 * byte + code - ZERO;
      digits++;
      if (byte > 255) return undefined;
    } else return undefined;
  }
  if (at !== 3 || digits === 0) return undefined;
  bytes[3] = byte;
  return bytes;
}

/** The text of an address of four or sixteen bytes, in the shortest form (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  // of sixteen bytes all count, also where they are an address of IPv4 in one of IPv6
  return bytes.length === 4 ? bytes.join('.') : formatIp({ bytes: [...bytes], family: 6 });
}

/** An address and a port as text, with brackets around one of IPv6: `10.96.0.10:80`, `[fd00:96::a]:80`. */
export function placeText(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The bytes of an address in sixteen: one of IPv4 as one of IPv6 that has it mapped. */
export function mappedBytes(text: string): Uint8Array {
  const bytes = addressBytes(text);
  if (bytes.length === 16) return bytes;
  const mapped = new Uint8Array(16);
  mapped[10] = mapped[11] = 0xff;
  for (let i = 0; i < 4; i++) mapped[12 + i] = bytes[i] as number;
  return mapped;
}
