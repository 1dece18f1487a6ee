import {
  duplicate,
  type FieldError,
  invalid,
  isValidLegacyIp,
  notSupported,
  type Path,
  parseIp,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkEndpointIp } from '../endpoint-ip.ts';
import { type Loose, oneOf, type RuleContext, run } from '../../rule.ts';
import { clusterIpsOf, familiesOf, isHeadless } from './facts.ts';

/**
 * Checks cluster addresses, families and their policy, each and against each other.
 *
 * Allocation runs it too, before it fills in what is missing.
 */
export function checkAddresses(spec: Loose, path: Path, context: RuleContext): void {
  if (spec.type === 'ExternalName') return;
  const { errors } = context;
  checkFirstAddress(spec, path.child('clusterIPs'), errors);
  checkFamilies(spec.ipFamilies ?? [], path.child('ipFamilies'), errors);
  const policies = oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack');
  run(policies, spec.ipFamilyPolicy ?? undefined, path.child('ipFamilyPolicy'), context);
  const valid = checkEachAddress(spec, path.child('clusterIPs'), context);
  if (spec.clusterIPs?.length > 2) {
    errors.push(invalid(path.child('clusterIPs'), spec.clusterIPs, 'may only hold up to 2 values'));
  }
  if (!valid) return;
  checkDualStack(spec, path.child('clusterIPs'), errors);
  if (!isHeadless(context.object)) checkAddressFamilies(spec, path.child('clusterIPs'), errors);
}

/** `clusterIP` is the first of `clusterIPs`. */
function checkFirstAddress({ clusterIP = '', clusterIPs }: Loose, path: Path, errors: FieldError[]): void {
  const given = clusterIPs?.length > 0;
  if (clusterIP === '' && given) {
    errors.push(invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  }
  if (clusterIP === '') return;
  if (!given) errors.push(requiredError(path));
  else if (clusterIPs[0] !== clusterIP) errors.push(invalid(path, clusterIPs, 'first value must match `clusterIP`'));
}

function checkFamilies(families: readonly string[], path: Path, errors: FieldError[]): void {
  families.forEach((family, i) => {
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(path.index(i), family, ['IPv4', 'IPv6']));
    if (families.indexOf(family) !== i) errors.push(duplicate(path.index(i), family));
  });
}

/** Addresses are well-formed, or were stored already; `None` stands alone. */
function checkEachAddress({ clusterIPs }: Loose, path: Path, { errors, old }: RuleContext): boolean {
  const stored = old ? clusterIpsOf(old) : [];
  const before = errors.length;
  (clusterIPs ?? []).forEach((ip: string, i: number) => {
    if (i === 0 && ip === 'None') {
      if (clusterIPs.length > 1) errors.push(invalid(path, clusterIPs, "'None' must be the first and only value"));
    } else if (!stored.includes(ip)) {
      for (const message of isValidLegacyIp(ip)) errors.push(invalid(path.index(i), ip, message));
    }
  });
  return errors.length === before;
}

function checkDualStack({ clusterIPs }: Loose, path: Path, errors: FieldError[]): void {
  if (!(clusterIPs?.length > 1)) return;
  const families = new Set(clusterIPs.map(familyOf));
  if (families.size === 2) return;
  errors.push(invalid(path, clusterIPs, 'may specify no more than one IP for each IP family'));
}

function checkAddressFamilies(spec: Loose, path: Path, errors: FieldError[]): void {
  const families = familiesOf({ spec });
  clusterIpsOf({ spec }).forEach((ip, i) => {
    const wanted = families[i];
    if ((wanted !== 'IPv4' && wanted !== 'IPv6') || wanted === familyOf(ip)) return;
    errors.push(invalid(path.index(i), ip, `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``));
  });
}

/** `IPv4` or `IPv6`; what is no address counts as IPv4. */
export function familyOf(ip: string): 'IPv4' | 'IPv6' {
  return parseIp(ip)?.family === 6 ? 'IPv6' : 'IPv4';
}

/** External addresses are well-formed and of no special range, or were stored already. */
export function checkExternalIps(spec: Loose, path: Path, context: RuleContext): void {
  const stored: string[] = context.old?.spec.externalIPs ?? [];
  (spec.externalIPs ?? []).forEach((ip: string, i: number) => {
    const at = path.child('externalIPs').index(i);
    const messages = stored.includes(ip) ? [] : isValidLegacyIp(ip);
    for (const message of messages) context.errors.push(invalid(at, ip, message));
    if (messages.length === 0) checkEndpointIp(ip, at, context);
  });
}
