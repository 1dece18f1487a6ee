import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { type ListenAddress, isUnspecified } from './address.ts';
import { CliError } from './io.ts';

/** Under which names and addresses the server's certificate must hold. */
export interface ServingNames {
  readonly hosts: readonly string[];
  readonly ips: readonly string[];
}

/** The names that programs within a cluster use for the API server. */
const SERVICE_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
];

/**
 * The names of the server: those every API server has, where it listens, and for one that listens everywhere the
 * machine's name and addresses.
 */
export function servingNames(listen: ListenAddress, serviceClusterIpRange: string): ServingNames {
  const everywhere = isUnspecified(listen.host);
  const own = everywhere ? [hostname(), ...machineAddresses()] : [listen.host];
  const names = [...SERVICE_NAMES, '127.0.0.1', '::1', firstServiceIp(serviceClusterIpRange), ...own];
  const unique = [...new Set(names)];
  return { hosts: unique.filter((name) => !isAddress(name)), ips: unique.filter(isAddress) };
}

/** No name has a colon. Node's pattern for all forms of IPv6 takes a start 5 ms to compile. */
function isAddress(name: string): boolean {
  return name.includes(':') || isIPv4(name);
}

function machineAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.map(({ address }) => address).filter((address) => !address.startsWith('fe80:'));
}

/**
 * The address of the `kubernetes` service: the first after the network's own.
 *
 * @throws CliError when the range is not an IPv4 CIDR with room for services
 */
function firstServiceIp(range: string): string {
  const [address = '', digits = ''] = range.split('/');
  const prefix = Number(digits);
  if (!isIPv4(address) || !/^\d+$/.test(digits) || prefix > 30) {
    throw new CliError(
      `Cannot use the service range ${JSON.stringify(range)}: it is no IPv4 range of at least 4 addresses`,
      {
        hint: 'give --service-cluster-ip-range as in 10.0.0.0/24',
      },
    );
  }
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
