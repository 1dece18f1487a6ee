import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** A device of this process's network namespace. */
export interface Device {
  readonly name: string;
  /** In bytes, without Ethernet's header. */
  readonly mtu: number;
  /** In their text, without ranges and zones; none of them is of the link alone. */
  readonly addresses: readonly string[];
  /** A default route leaves by it. */
  readonly hasDefaultRoute: boolean;
}

const USUAL_MTU = 1500;

/** The devices that there are, but that of the machine to itself. Linux only; elsewhere only those with addresses are seen. */
export function readDevices(): readonly Device[] {
  const routes = new Set([
    ...defaultRoutes4(textOf('/proc/net/route')),
    ...defaultRoutes6(textOf('/proc/net/ipv6_route')),
  ]);
  const interfaces = networkInterfaces();
  const listed = devicesOf(textOf('/proc/net/dev'));
  const names = listed.length > 0 ? listed : Object.keys(interfaces);
  return names
    .filter((name) => name !== 'lo')
    .map((name) => ({
      name,
      mtu: mtuOf(name),
      addresses: (interfaces[name] ?? []).map(({ address }) => address).filter((one) => !one.startsWith('fe80:')),
      hasDefaultRoute: routes.has(name),
    }));
}

/** Names of devices in the words of `/proc/net/dev`, of which the first two lines are titles. */
export function devicesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
}

/** Devices with a default route, in the words of `/proc/net/route`: device, destination, …, flags, …, mask. */
export function defaultRoutes4(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .flatMap(([device = '', destination, , , , , , mask]) =>
      destination === '00000000' && mask === '00000000' ? device : [],
    );
}

/** The same of IPv6: destination, its length, …, device. Routes that refuse are those of `lo`. */
export function defaultRoutes6(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap((fields) => (/^0{32}$/.test(fields[0] ?? '') && fields[1] === '00' ? (fields[9] ?? []) : []))
    .filter((device) => device !== 'lo');
}

/** As this network namespace has it: `/sys` may show another. */
function mtuOf(device: string): number {
  const text = textOf(`/proc/sys/net/ipv6/conf/${device}/mtu`) || textOf(`/sys/class/net/${device}/mtu`);
  return Number.parseInt(text, 10) || USUAL_MTU;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // another system, or no IPv6
    return '';
  }
}
