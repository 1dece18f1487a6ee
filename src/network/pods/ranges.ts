/** A range of IPv4 addresses. */
export interface Range {
  /** The first address, as a number. */
  readonly first: number;
  /** How many bits all have in common. */
  readonly prefix: number;
}

/** Reads `10.244.0.0/16`. @throws RangeError it is not a range of IPv4 addresses, or begins amid one */
export function parseRange(text: string): Range {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d\d?)$/.exec(text);
  const first = match ? parseAddress(match[1]!) : undefined;
  const prefix = Number(match?.[2]);
  if (first === undefined || prefix > 32) throw new RangeError(`"${text}" must be a range of IPv4 addresses`);
  if (first % sizeOf({ first, prefix }) !== 0)
    throw new RangeError(`"${text}" must begin with a range's first address`);
  return { first, prefix };
}

/** Reads `10.244.0.1` as a number; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

/** A number as `10.244.0.1`. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** A range as `10.244.0.0/16`. */
export function formatRange({ first, prefix }: Range): string {
  return `${formatAddress(first)}/${prefix}`;
}

/** How many addresses are in a range. */
export function sizeOf({ prefix }: Range): number {
  return 2 ** (32 - prefix);
}

/** Whether an address is in a range. */
export function contains(range: Range, address: number): boolean {
  return address >= range.first && address < range.first + sizeOf(range);
}

/** Whether an address is in a range that somebody wrote, which need not begin with its first address; never throws. */
export function isWithin(text: string, address: number): boolean {
  const [start = '', prefix = ''] = text.trim().split('/');
  const first = parseAddress(start);
  if (first === undefined || !/^\d\d?$/.test(prefix) || Number(prefix) > 32) return false;
  const size = sizeOf({ first, prefix: Number(prefix) });
  return Math.floor(first / size) === Math.floor(address / size);
}

/** The address of the cluster's DNS service: the tenth of the range of services, as kubeadm has it. */
export function dnsAddressOf(serviceRange: string): string {
  return formatAddress(parseRange(serviceRange).first + 10);
}

/** The last addresses of a range, 256 or a quarter of it. */
export function lastOf(range: Range): Range {
  const prefix = Math.max(24, Math.min(range.prefix + 2, 32));
  return { first: range.first + sizeOf(range) - sizeOf({ first: 0, prefix }), prefix };
}
