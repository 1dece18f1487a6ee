import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';

/** Codes of OpenSSL for a certificate that no authority we know has signed. */
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);

/** What a failed connection shows of itself. */
interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly errors?: readonly SystemError[];
}

/** Go's words for what a connection or an exchange failed with; `where` is the `HOST:PORT` that was called. */
export function networkProblem(error: unknown, where: string): string {
  const { code = '', message, syscall, address, port, hostname, errors } = error as SystemError;
  if (errors !== undefined && errors.length > 0) return networkProblem(errors[0], where);
  if (UNKNOWN_AUTHORITY.has(code))
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  const dialed = address === undefined ? where : addressOf(address, port ?? 0);
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${dialed}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${dialed}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp ${dialed}: connect: network is unreachable`;
    case 'ETIMEDOUT':
      return `dial tcp ${dialed}: i/o timeout`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${hostname ?? where}: no such host`;
    case 'ECONNRESET':
      // a connection that ends without a word is no reset for Go
      return syscall === undefined ? 'EOF' : `read tcp ${where}: read: connection reset by peer`;
    case 'EPIPE':
      return `write tcp ${where}: write: broken pipe`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return message;
  }
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Checks the names of a certificate as Go does: a common name counts for nothing, and an address must be listed as one.
 * Undefined if the certificate is for the host.
 */
export function certificateProblem(host: string, certificate: PeerCertificate): Error | undefined {
  const names = (certificate.subjectaltname ?? '').split(', ').filter((name) => name !== '');
  const dns = names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
  const ips = names.filter((name) => name.startsWith('IP Address:')).map((name) => name.slice('IP Address:'.length));
  const refused = (why: string) => new Error(`tls: failed to verify certificate: x509: ${why}`);
  if (isIP(host) !== 0) {
    if (ips.some((ip) => sameAddress(ip, host))) return undefined;
    if (ips.length === 0)
      return refused(`cannot validate certificate for ${host} because it doesn't contain any IP SANs`);
    return refused(`certificate is valid for ${ips.map(canonicalAddress).join(', ')}, not ${host}`);
  }
  if (dns.some((pattern) => matchesName(pattern, host))) return undefined;
  if (names.length === 0) return refused('certificate relies on legacy Common Name field, use SANs instead');
  if (dns.length === 0) return refused(`certificate is not valid for any names, but wanted to match ${host}`);
  return refused(`certificate is valid for ${dns.join(', ')}, not ${host}`);
}

/** A star stands for the first label, and for the whole of it. */
function matchesName(pattern: string, host: string): boolean {
  const [first, ...rest] = pattern.toLowerCase().replace(/\.$/, '').split('.');
  const [given, ...others] = host.toLowerCase().replace(/\.$/, '').split('.');
  if (rest.length !== others.length || !rest.every((label, i) => label === others[i])) return false;
  return first === given || (first === '*' && rest.length > 0);
}

function sameAddress(a: string, b: string): boolean {
  return canonicalAddress(a) === canonicalAddress(b);
}

function canonicalAddress(ip: string): string {
  if (!ip.includes(':')) return ip;
  const { hostname } = new URL(`http://[${ip}]`);
  return hostname.slice(1, -1);
}
