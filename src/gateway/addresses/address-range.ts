/** A range of IPv4 addresses that gateways get. */
export interface AddressRange {
  /** `10.239.254.0/24`. */
  readonly text: string;
  readonly first: number;
  readonly size: number;
  /** Whether an address is in it. */
  has(address: string): boolean;
}

/** Reads `10.239.254.0/24`, or one address. @throws RangeError it is no range of IPv4 addresses, or begins amid one */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', length = '32', ...more] = text.split('/');
  const first = numberOf(address);
  const prefix = /^\d\d?$/.test(length) ? Number(length) : 33;
  const size = 2 ** (32 - prefix);
  if (first === undefined || prefix > 32 || more.length > 0 || first % size !== 0) {
    throw new RangeError(`"${text}" must be a range of IPv4 addresses, as 10.239.254.0/24`);
  }
  const has = (other: string): boolean => {
    const number = numberOf(other) ?? -1;
    return number >= first && number < first + size;
  };
  return { text, first, size, has };
}

/** The addresses of a range that can be used, in order: neither that of the network nor the broadcast's, if it has these. */
export function* addressesOf({ first, size }: AddressRange): Iterable<string> {
  const edge = size > 2 ? 1 : 0;
  for (let number = first + edge; number < first + size - edge; number++) yield textOf(number);
}

function numberOf(text: string): number | undefined {
  const parts = text.split('.');
  const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isAddress ? parts.reduce((number, part) => number * 256 + Number(part), 0) : undefined;
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
