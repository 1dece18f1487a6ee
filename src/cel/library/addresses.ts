import { goQuote } from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { BOOL, type CelType, INT, opaqueType, STRING } from '../type.ts';
import { CelError, type CelValue, TypeValue } from '../value.ts';
import { LibraryValue } from './library-value.ts';
import {
  formatAddress,
  formatPrefix,
  isGlobalUnicast,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isMapped,
  isUnspecified,
  maskPrefix,
  type NetAddress,
  type NetPrefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  sameAddress,
} from './netip.ts';
import type { Parsed } from './parsed.ts';

/** The type of addresses. */
export const IP_TYPE: CelType = opaqueType('net.IP');
/** The type of networks. */
export const CIDR_TYPE: CelType = opaqueType('net.CIDR');

/** An IP address. */
class IpValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(IP_TYPE.name);
  readonly address: NetAddress;

  constructor(address: NetAddress) {
    super();
    this.address = address;
  }

  isSame(other: this): boolean {
    return sameAddress(this.address, other.address);
  }

  override size(): number {
    return this.address.bytes.length;
  }
}

/** A network; bits beyond its prefix are kept. */
class CidrValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(CIDR_TYPE.name);
  readonly prefix: NetPrefix;

  constructor(prefix: NetPrefix) {
    super();
    this.prefix = prefix;
  }

  isSame(other: this): boolean {
    return this.prefix.bits === other.prefix.bits && sameAddress(this.prefix.address, other.prefix.address);
  }

  override size(): number {
    return Math.ceil(this.prefix.bits / 8);
  }
}

/** `ip()`, `isIP()`, `ip.isCanonical()` and what is asked of an address. */
export const IP_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('ip', [globalOverload('string_to_ip', [STRING], IP_TYPE, (text) => toIp(text as string))]),
  defineFunction('isIP', [
    globalOverload('is_ip', [STRING], BOOL, (text) => parseIp(text as string).error === undefined),
  ]),
  defineFunction('ip.isCanonical', [
    globalOverload('ip_is_canonical', [STRING], BOOL, (text) => {
      const ip = toIp(text as string);
      return ip instanceof CelError ? ip : formatAddress(ip.address) === text;
    }),
  ]),
  defineFunction('family', [
    memberOverload('ip_family', [IP_TYPE], INT, (ip) => ((ip as IpValue).address.bytes.length === 4 ? 4n : 6n)),
  ]),
  question('isUnspecified', 'ip_is_unspecified', isUnspecified),
  question('isLoopback', 'ip_is_loopback', isLoopback),
  question('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  question('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  question('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
  defineFunction('string', [
    globalOverload('ip_to_string', [IP_TYPE], STRING, (ip) => formatAddress((ip as IpValue).address)),
  ]),
];

/** `cidr()`, `isCIDR()` and what is asked of a network. */
export const CIDR_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('cidr', [globalOverload('string_to_cidr', [STRING], CIDR_TYPE, (text) => toCidr(text as string))]),
  defineFunction('isCIDR', [
    globalOverload('is_cidr', [STRING], BOOL, (text) => parseCidr(text as string).error === undefined),
  ]),
  defineFunction('containsIP', [
    memberOverload('cidr_contains_ip_string', [CIDR_TYPE, STRING], BOOL, (cidr, ip) =>
      containsIp(cidr, toIp(ip as string)),
    ),
    memberOverload('cidr_contains_ip_ip', [CIDR_TYPE, IP_TYPE], BOOL, containsIp),
  ]),
  defineFunction('containsCIDR', [
    memberOverload('cidr_contains_cidr_string', [CIDR_TYPE, STRING], BOOL, (cidr, other) =>
      containsCidr(cidr, toCidr(other as string)),
    ),
    memberOverload('cidr_contains_cidr', [CIDR_TYPE, CIDR_TYPE], BOOL, containsCidr),
  ]),
  defineFunction('ip', [
    memberOverload('cidr_ip', [CIDR_TYPE], IP_TYPE, (cidr) => new IpValue((cidr as CidrValue).prefix.address)),
  ]),
  defineFunction('prefixLength', [
    memberOverload('cidr_prefix_length', [CIDR_TYPE], INT, (cidr) => BigInt((cidr as CidrValue).prefix.bits)),
  ]),
  defineFunction('masked', [
    memberOverload(
      'cidr_masked',
      [CIDR_TYPE],
      CIDR_TYPE,
      (cidr) => new CidrValue(maskPrefix((cidr as CidrValue).prefix)),
    ),
  ]),
  defineFunction('string', [
    globalOverload('cidr_to_string', [CIDR_TYPE], STRING, (cidr) => formatPrefix((cidr as CidrValue).prefix)),
  ]),
];

function question(name: string, id: string, ask: (address: NetAddress) => boolean): FunctionDeclaration {
  return defineFunction(name, [memberOverload(id, [IP_TYPE], BOOL, (ip) => ask((ip as IpValue).address))]);
}

function toIp(text: string): IpValue | CelError {
  const parsed = parseIp(text);
  return parsed.error === undefined ? new IpValue(parsed.value) : new CelError(parsed.error);
}

/** Neither zones nor IPv4 within IPv6 are allowed. */
function parseIp(text: string): Parsed<NetAddress> {
  const parsed = parseAddress(text);
  if (parsed.error !== undefined) {
    return { error: `IP Address ${goQuote(text)} parse error during conversion from string: ${parsed.error}` };
  }
  if (parsed.value.zone !== '') return { error: `IP address ${goQuote(text)} with zone value is not allowed` };
  return isMapped(parsed.value.bytes) ? { error: `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` } : parsed;
}

function toCidr(text: string): CidrValue | CelError {
  const parsed = parseCidr(text);
  if (parsed.error === undefined) return new CidrValue(parsed.value);
  return new CelError(`network address parse error during conversion from string: ${parsed.error}`);
}

function parseCidr(text: string): Parsed<NetPrefix> {
  const parsed = parsePrefix(text);
  if (parsed.error !== undefined) {
    return { error: `network address parse error during conversion from string: ${parsed.error}` };
  }
  return isMapped(parsed.value.address.bytes)
    ? { error: `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` }
    : parsed;
}

/** A text that is no address is only told to be of a wrong type. */
function containsIp(cidr: CelValue, ip: CelValue): CelValue {
  if (!(ip instanceof IpValue)) return new CelError('no such overload');
  return prefixContains((cidr as CidrValue).prefix, ip.address);
}

function containsCidr(cidr: CelValue, other: CelValue): CelValue {
  if (!(other instanceof CidrValue)) return other;
  const outer = (cidr as CidrValue).prefix;
  return prefixesOverlap(outer, other.prefix) && outer.bits <= other.prefix.bits;
}
