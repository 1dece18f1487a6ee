import { type IpAddress, invalid, type Path, parseIp } from 'nekube/apimachinery';
import type { RuleContext } from '../rule.ts';

/** Ranges in which nothing can be reached from another machine: a test and what is said about it. */
const ranges: readonly [(ip: IpAddress, v4: readonly number[]) => boolean, (text: string) => string][] = [
  [isUnspecified, (text) => `may not be unspecified (${text})`],
  [isLoopback, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [isLinkLocal, () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [isLinkLocalMulticast, () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** Checks the address of an endpoint (or, as kube-apiserver does, an external address of a service). */
export function checkEndpointIp(text: string, path: Path, { errors }: RuleContext): void {
  const ip = parseIp(text);
  if (!ip) {
    errors.push(invalid(path, text, 'must be a valid IP address'));
    return;
  }
  const v4 = ip.bytes.slice(12);
  for (const [test, detail] of ranges) if (test(ip, v4)) errors.push(invalid(path, text, detail(text)));
}

function isUnspecified({ bytes, family }: IpAddress, v4: readonly number[]): boolean {
  return (family === 4 ? v4 : bytes).every((byte) => byte === 0);
}

function isLoopback({ bytes, family }: IpAddress, v4: readonly number[]): boolean {
  return family === 4 ? v4[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

function isLinkLocal({ bytes, family }: IpAddress, v4: readonly number[]): boolean {
  return family === 4 ? v4[0] === 169 && v4[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}

function isLinkLocalMulticast({ bytes, family }: IpAddress, v4: readonly number[]): boolean {
  return family === 4 ? v4[0] === 224 && v4[1] === 0 && v4[2] === 0 : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 0x02;
}
