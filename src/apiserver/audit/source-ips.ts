import { isIP } from 'node:net';

/**
 * Where a request comes from: what proxies say, then the address of the connection, which cannot be forged.
 *
 * @param forwardedFor,realIp the headers X-Forwarded-For and X-Real-Ip
 */
export function sourceIps(
  forwardedFor: string | undefined,
  realIp: string | undefined,
  remote: string | undefined,
): string[] {
  const ips = (forwardedFor ?? '')
    .split(',')
    .map((part) => canonical(part.trim()))
    .filter((ip) => ip !== '');
  const real = canonical(realIp ?? '');
  if (real !== '' && !ips.includes(real)) ips.push(real);
  const last = canonical(remote ?? '');
  if (last !== '' && ips.at(-1) !== last) ips.push(last);
  return ips;
}

/** As Go prints it: an IPv4 address inside of IPv6 as IPv4, leading zeros gone; empty for what is no address. */
function canonical(text: string): string {
  const plain = text
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
    .replace(/\b0+(?=\d)/g, (zeros, at: number) => (text.includes(':') ? zeros : at >= 0 ? '' : zeros));
  if (isIP(plain) === 4) return plain;
  return isIP(plain) === 6 && !plain.includes('%') ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : '';
}
