/**
 * An IPv4 address as the number that `be32` holds: `10.0.0.1` is 0x0a000001.
 *
 * @throws RangeError the text is no address.
 */
export function ipv4(text: string): number {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 4 || parts.some((part) => !(part <= 255)))
    throw new RangeError(`"${text}" must be an IPv4 address`);
  return parts.reduce((whole, part) => whole * 256 + part, 0);
}

/** The text of an IPv4 address that is a number. */
export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** The six bytes of an address of hardware: `02:00:00:00:00:01`. */
export function mac(text: string): Uint8Array {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) throw new RangeError(`"${text}" must be an address of hardware`);
  return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
}
