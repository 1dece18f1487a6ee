import { goQuote } from 'nekube/apimachinery';
import type { Parsed } from './parsed.ts';

/**
 * IP addresses and prefixes as Go's net/netip reads and prints them: strictly, with its messages.
 *
 * Not the addresses of `nekube/apimachinery`, which are read leniently and hold IPv4 within IPv6.
 */

/** An address: 4 bytes or 16, and the zone of an IPv6 one (empty for none). */
export interface NetAddress {
  readonly bytes: readonly number[];
  readonly zone: string;
}

/** An address with the length of its network; bits beyond the length are kept. */
export interface NetPrefix {
  readonly address: NetAddress;
  readonly bits: number;
}

/** Reads an address, as netip.ParseAddr. */
export function parseAddress(text: string): Parsed<NetAddress> {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return parseIpv4(text);
  if (first === ':') return parseIpv6(text);
  return fault(text, first === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

/** Reads `address/length`, as netip.ParsePrefix. */
export function parsePrefix(text: string): Parsed<NetPrefix> {
  const refuse = (message: string) => ({ error: `netip.ParsePrefix(${goQuote(text)}): ${message}` });
  const slash = text.lastIndexOf('/');
  if (slash < 0) return refuse(`no '/'`);
  const address = parseAddress(text.slice(0, slash));
  if (address.error !== undefined) return refuse(address.error);
  if (address.value.zone !== '') return refuse('IPv6 zones cannot be present in a prefix');
  const length = text.slice(slash + 1);
  const readable = length.length > 1 ? /^[1-9][0-9]*$/.test(length) : /^[0-9]$/.test(length);
  if (!readable || BigInt(length) >= 2n ** 63n) return refuse(`bad bits after slash: ${goQuote(length)}`);
  if (Number(length) > address.value.bytes.length * 8) return refuse('prefix length out of range');
  return { value: { address: address.value, bits: Number(length) } };
}

/** The canonical text, with the zone. */
export function formatAddress({ bytes, zone }: NetAddress): string {
  if (bytes.length === 4) return bytes.join('.');
  const text = isMapped(bytes) ? `::ffff:${bytes.slice(12).join('.')}` : formatIpv6(bytes);
  return zone === '' ? text : `${text}%${zone}`;
}

/** The canonical text of a prefix; bits beyond the length are shown. */
export function formatPrefix({ address, bits }: NetPrefix): string {
  return `${formatAddress(address)}/${bits}`;
}

/** True for an IPv6 address that holds an IPv4 one. */
export function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The prefix without the bits beyond its length. */
export function maskPrefix({ address, bits }: NetPrefix): NetPrefix {
  return { address: { bytes: mask(address.bytes, bits), zone: '' }, bits };
}

/** True when the address is in the network of the prefix; IPv4 and IPv6 never mix. */
export function prefixContains({ address, bits }: NetPrefix, other: NetAddress): boolean {
  if (address.bytes.length !== other.bytes.length || other.zone !== '') return false;
  return sameBytes(mask(address.bytes, bits), mask(other.bytes, bits));
}

/** True when the two have an address in common. */
export function prefixesOverlap(a: NetPrefix, b: NetPrefix): boolean {
  return prefixContains({ address: a.address, bits: Math.min(a.bits, b.bits) }, b.address);
}

/** True when family, bytes and zone are the same. */
export function sameAddress(a: NetAddress, b: NetAddress): boolean {
  return a.zone === b.zone && sameBytes(a.bytes, b.bytes);
}

/** 0.0.0.0 and ::. */
export function isUnspecified({ bytes }: NetAddress): boolean {
  return bytes.every((b) => b === 0);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback({ bytes }: NetAddress): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes[15] === 1 && bytes.slice(0, 15).every((b) => b === 0);
}

/** 224.0.0.0/24, and IPv6 multicast of link-local scope. */
export function isLinkLocalMulticast({ bytes }: NetAddress): boolean {
  if (bytes.length === 4) return bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0;
  return bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
}

/** 169.254.0.0/16 and fe80::/10. */
export function isLinkLocalUnicast({ bytes }: NetAddress): boolean {
  if (bytes.length === 4) return bytes[0] === 169 && bytes[1] === 254;
  return bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}

/** All but the unspecified, loopback, multicast, link-local and the IPv4 broadcast address. */
export function isGlobalUnicast(address: NetAddress): boolean {
  const { bytes } = address;
  if (bytes.length === 4 && bytes.every((b) => b === 255)) return false;
  return !isUnspecified(address) && !isLoopback(address) && !isMulticast(bytes) && !isLinkLocalUnicast(address);
}

function isMulticast(bytes: readonly number[]): boolean {
  return bytes.length === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff;
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function mask(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, i) => byte & (0xff << (8 - Math.min(8, Math.max(0, bits - i * 8)))));
}

function fault(text: string, message: string, at = ''): { error: string } {
  return { error: `ParseAddr(${goQuote(text)}): ${message}${at === '' ? '' : ` (at ${goQuote(at)})`}` };
}

function parseIpv4(text: string): Parsed<NetAddress> {
  const octets = parseOctets(text, text);
  return octets.error === undefined ? { value: { bytes: octets.value, zone: '' } } : octets;
}

/** The four octets of `part`, which is the end of `text`. */
function parseOctets(text: string, part: string): Parsed<number[]> {
  const octets: number[] = [];
  let [value, digits] = [0, 0];
  for (const [i, char] of [...part].entries()) {
    const rest = () => [...part].slice(i).join('');
    if (char >= '0' && char <= '9') {
      if (digits === 1 && value === 0) return fault(text, 'IPv4 field has octet with leading zero');
      value = value * 10 + Number(char);
      digits++;
      if (value > 255) return fault(text, 'IPv4 field has value >255');
    } else if (char !== '.') return fault(text, 'unexpected character', rest());
    else if (digits === 0 || i === part.length - 1) {
      return fault(text, 'IPv4 field must have at least one digit', rest());
    } else if (octets.length === 3) return fault(text, 'IPv4 address too long');
    else {
      octets.push(value);
      [value, digits] = [0, 0];
    }
  }
  return octets.length < 3 ? fault(text, 'IPv4 address too short') : { value: [...octets, value] };
}

/** The text after the first `%` is the zone. */
function parseIpv6(text: string): Parsed<NetAddress> {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') return fault(text, 'zone must be a non-empty string');
  const bytes = parseGroups(text, percent < 0 ? text : text.slice(0, percent));
  return bytes.error === undefined ? { value: { bytes: bytes.value, zone } } : bytes;
}

function parseGroups(text: string, address: string): Parsed<number[]> {
  const bytes: number[] = [];
  let [rest, ellipsis] = address.startsWith('::') ? [address.slice(2), 0] : [address, -1];
  if (ellipsis === 0 && rest === '') return { value: new Array<number>(16).fill(0) };
  while (bytes.length < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (digits.length > 4) return fault(text, 'each group must have 4 or less digits', rest);
    if (digits === '') return fault(text, 'each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') {
      const octets = parseEmbedded(text, rest, bytes.length, ellipsis);
      if (octets.error !== undefined) return octets;
      bytes.push(...octets.value);
      rest = '';
      break;
    }
    const group = Number.parseInt(digits, 16);
    bytes.push(group >> 8, group & 0xff);
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (rest[0] !== ':') return fault(text, 'unexpected character, want colon', rest);
    if (rest.length === 1) return fault(text, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest[0] !== ':') continue;
    if (ellipsis >= 0) return fault(text, 'multiple :: in address', rest);
    ellipsis = bytes.length;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') return fault(text, 'trailing garbage after address', rest);
  return expand(text, bytes, ellipsis);
}

/** IPv4 at the end of IPv6. */
function parseEmbedded(text: string, rest: string, length: number, ellipsis: number): Parsed<number[]> {
  if (ellipsis < 0 && length !== 12) {
    return fault(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (length + 4 > 16) {
    return fault(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  return parseOctets(text, rest);
}

/** Fills the `::`. */
function expand(text: string, bytes: readonly number[], ellipsis: number): Parsed<number[]> {
  if (bytes.length === 16) {
    return ellipsis < 0 ? { value: [...bytes] } : fault(text, 'the :: must expand to at least one field of zeros');
  }
  if (ellipsis < 0) return fault(text, 'address string too short');
  const zeros = new Array<number>(16 - bytes.length).fill(0);
  return { value: [...bytes.slice(0, ellipsis), ...zeros, ...bytes.slice(ellipsis)] };
}

function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  let best = { start: 0, end: 0 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start >= 2 && end - start > best.end - best.start) best = { start, end };
  }
  return best.end === 0 ? hex(groups) : `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.end))}`;
}
