import { goQuote } from './field-error.ts';

/**
 * IP addresses and CIDR blocks as Kubernetes reads them: leniently (leading zeros, IPv4-mapped IPv6), with the
 * strict rules of new fields and the warnings of old ones on top.
 */

/** An address as its 16 bytes; IPv4 is held in its IPv4-mapped form. */
export interface IpAddress {
  readonly bytes: readonly number[];
  /** 4 also for IPv4-mapped IPv6, as Go prints and compares it. */
  readonly family: 4 | 6;
}

/** A block of addresses, and the address it was written with. */
export interface Cidr {
  readonly address: IpAddress;
  /** The first address of the block. */
  readonly network: IpAddress;
  readonly prefixLength: number;
  /** 32 for text in IPv4 form, 128 for text in IPv6 form (also IPv4-mapped). */
  readonly addressBits: 32 | 128;
}

/** Reads an address, allowing leading zeros in IPv4; undefined when it is none. Zones are refused. */
export function parseIp(text: string): IpAddress | undefined {
  const first = /[.:]/.exec(text)?.[0];
  if (first === undefined) return undefined;
  const bytes = first === '.' ? parseIpv4(text) : parseIpv6(text);
  return bytes && toAddress(bytes);
}

/** Reads `address/length`; undefined when it is none. Bits beyond the length are kept in `address`. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const [host, length] = [text.slice(0, slash), text.slice(slash + 1)];
  const v4 = parseIpv4(host);
  const bytes = v4 ?? parseIpv6(host);
  const addressBits = v4 ? 32 : 128;
  const prefixLength = decimal(length);
  if (!bytes || prefixLength === undefined || prefixLength > addressBits) return undefined;
  const masked = bytes.map((byte, i) => byte & maskByte(i, prefixLength + 128 - addressBits));
  return { address: toAddress(bytes), network: toAddress(masked), prefixLength, addressBits };
}

/** The canonical text: dotted for IPv4 (also when mapped), RFC 5952 for IPv6. */
export function formatIp(ip: IpAddress): string {
  return ip.family === 4 ? ip.bytes.slice(12).join('.') : formatIpv6(ip.bytes);
}

/** The canonical text of a block, by its first address. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.network)}/${shownLength(cidr)}`;
}

/** True when the block holds the address. */
export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  const bits = cidr.prefixLength + 128 - cidr.addressBits;
  return (
    ip.family === cidr.network.family &&
    ip.bytes.every((byte, i) => (byte & maskByte(i, bits)) === cidr.network.bytes[i])
  );
}

/** An address in canonical form: the rule of new fields. */
export function isValidIp(text: string): string[] {
  const errors = isValidLegacyIp(text);
  if (errors.length > 0) return errors;
  const canonical = formatIp(parseIp(text)!);
  return text === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}

/** An address in any unambiguous form: the rule of fields that are older than strict validation. */
export function isValidLegacyIp(text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  if (hasLeadingZeros(text)) return ['must not have leading 0s'];
  return isMapped(text, ip) ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

/** Warnings about an address of an older field that is valid but not in canonical form. */
export function ipWarnings(path: string, text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return [];
  const canonical = goQuote(formatIp(ip));
  if (hasLeadingZeros(text) || isMapped(text, ip)) {
    return [`${path}: non-standard IP address ${goQuote(text)} is invalid: use ${canonical}`];
  }
  if (ip.family === 4 || formatIp(ip) === text) return [];
  return [`${path}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${canonical})`];
}

/** A block in canonical form: the rule of new fields. */
export function isValidCidr(text: string): string[] {
  const errors = isValidLegacyCidr(text);
  if (errors.length > 0) return errors;
  const canonical = formatCidr(parseCidr(text)!);
  return text === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}

/** A block in any unambiguous form: the rule of fields that are older than strict validation. */
export function isValidLegacyCidr(text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
  if (cidrHasLeadingZeros(text)) return ['must not have leading 0s in IP or prefix length'];
  if (isMapped(text, cidr.address)) return ['must not have an IPv4-mapped IPv6 address'];
  return sameAddress(cidr.address, cidr.network) ? [] : ['must not have bits set beyond the prefix length'];
}

/** Warnings about a block of an older field that is valid but ambiguous or not in canonical form. */
export function cidrWarnings(path: string, text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [];
  const [shown, canonical] = [goQuote(text), goQuote(formatCidr(cidr))];
  const warnings: string[] = [];
  if (!sameAddress(cidr.address, cidr.network)) {
    const single = goQuote(`${formatIp(cidr.address)}/${cidr.addressBits}`);
    warnings.push(`${path}: CIDR value ${shown} is ambiguous in this context (should be ${canonical} or ${single}?)`);
  }
  if (cidrHasLeadingZeros(text) || isMapped(text, cidr.address)) {
    warnings.push(`${path}: non-standard CIDR value ${shown} is invalid: use ${canonical}`);
  }
  if (warnings.length === 0 && cidr.address.family === 6 && formatCidr(cidr) !== text) {
    warnings.push(`${path}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format (${canonical})`);
  }
  return warnings;
}

/** An address of an interface with the length of its network, in canonical form: `192.168.1.5/24`. */
export function isValidInterfaceAddress(text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'];
  const mappedLength = cidr.address.family === 4 && cidr.prefixLength > 32 ? cidr.prefixLength - 96 : cidr.prefixLength;
  const canonical = `${formatIp(cidr.address)}/${mappedLength}`;
  return text === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`];
}

function toAddress(bytes: readonly number[]): IpAddress {
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return { bytes, family: mapped ? 4 : 6 };
}

function sameAddress(a: IpAddress, b: IpAddress): boolean {
  return a.bytes.every((byte, i) => byte === b.bytes[i]);
}

/** Go's numbers end below 2^24 - 1, however many leading zeros they have. */
function decimal(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return value < 0xffffff ? value : undefined;
}

function parseIpv4(text: string): number[] | undefined {
  const octets = text.split('.').map(decimal);
  if (octets.length !== 4 || octets.some((octet) => octet === undefined || octet > 255)) return undefined;
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...(octets as number[])];
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The bytes of colon-separated groups, the last of which may be IPv4 where the text ends with it. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const v4 = last && i === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined;
    if (v4) bytes.push(...v4.slice(12));
    else if (/^[0-9a-fA-F]+$/.test(group) && Number.parseInt(group, 16) <= 0xffff) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

function maskByte(index: number, bits: number): number {
  const left = Math.min(8, Math.max(0, bits - index * 8));
  return (0xff << (8 - left)) & 0xff;
}

function shownLength(cidr: Cidr): number {
  return cidr.addressBits === 128 && cidr.network.family === 4
    ? Math.max(0, cidr.prefixLength - 96)
    : cidr.prefixLength;
}

function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const [start, end] = longestZeros(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  return end - start < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(end))}`;
}

/** The first longest run of zero groups, as [start, end). */
function longestZeros(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > best[1] - best[0]) best = [start, end];
  }
  return best;
}

/** IPv4 octets with leading zeros, and IPv6 groups of more than four digits, which Go's strict parser refuses. */
function hasLeadingZeros(text: string): boolean {
  return /(^|[.:])0[0-9]+\./.test(text) || /\.0[0-9]+$/.test(text) || /[0-9a-fA-F]{5,}/.test(text);
}

function cidrHasLeadingZeros(text: string): boolean {
  const [host, length] = text.split('/') as [string, string];
  return hasLeadingZeros(host) || /^0[0-9]/.test(length);
}

function isMapped(text: string, ip: IpAddress): boolean {
  return ip.family === 4 && text.includes(':');
}
