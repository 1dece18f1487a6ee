import { addressBytes, type Family } from './address.ts';

/** A range of addresses. */
export interface Prefix {
  /** The address, with zeros behind the prefix. */
  readonly base: Uint8Array;
  /** Its length. */
  readonly bits: number;
}

/** A prefix as text, `10.9.0.0/16`, with what is behind it cleared. */
export function prefixOf(text: string, family: Family): Prefix {
  const [address = '', length] = text.split('/');
  const base = Uint8Array.from(addressBytes(address));
  const bits = length === undefined ? 8 * base.length : Number(length);
  if (base.length !== (family === 4 ? 4 : 16) || !Number.isInteger(bits) || bits < 0 || bits > 8 * base.length)
    throw new RangeError(`${JSON.stringify(text)} must be a range of addresses of IPv${family}`);
  for (let bit = bits; bit < 8 * base.length; bit++) base[bit >> 3]! &= ~(0x80 >> (bit & 7));
  return { base, bits };
}
