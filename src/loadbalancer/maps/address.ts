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
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`${JSON.stringify(text)} must be an IP address`);
  return Uint8Array.from(familyOf(text) === 4 ? address.bytes.slice(12) : address.bytes);
}

/** The text of an address of four or sixteen bytes, in the shortest form (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  // of sixteen bytes all count, also where they are an address of IPv4 in one of IPv6
  return bytes.length === 4 ? bytes.join('.') : formatIp({ bytes: [...bytes], family: 6 });
}

/** The bytes of an address in sixteen: one of IPv4 as one of IPv6 that has it mapped. */
export function mappedBytes(text: string): Uint8Array {
  const bytes = addressBytes(text);
  return bytes.length === 16 ? bytes : Uint8Array.of(...new Uint8Array(10), 0xff, 0xff, ...bytes);
}
