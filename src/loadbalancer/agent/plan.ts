import { overheadOf, SEGMENT_HEADERS } from '../datapath/overhead.ts';
import type { OuterOptions, OuterSource } from '../datapath/options.ts';
import { prefixOf } from '../maps/prefix.ts';
import { FAMILIES, type Family, familyOf } from '../maps/address.ts';
import type { Mode } from '../model/config.ts';
import type { Device } from './devices.ts';

/** What is asked for of an agent; what is absent is found out. */
export interface PlanOptions {
  readonly mode: Mode;
  /** Names of devices that face the network. Default: those with a default route, or an address of the node's. */
  readonly devices?: readonly string[];
  /** How requests are taken; said first. */
  readonly attach?: string;
  /** Of packets that leave. Default: the least of the devices'. */
  readonly mtu?: number;
  /**
   * Prefixes, one of a family at most, of which tunnels of IPIP come, mixed by flow; those of IPv6 carry a port. All nodes need the same.
   * Default: the node's address.
   */
  readonly tunnelSources?: readonly string[];
  /** Whether pods offer clients segments that fit with what a mode adds. Default: clients are told of sizes. */
  readonly clampsSegments?: boolean;
}

/** What is known of the node itself. */
export interface NodeFacts {
  /** Addresses that the API has of it; none where it is not known there. */
  readonly addresses: readonly string[];
  readonly devices: readonly Device[];
}

/** What a node's datapath is made for. */
export interface AgentPlan {
  readonly devices: readonly string[];
  readonly nodeAddresses: Readonly<Partial<Record<Family, string>>>;
  readonly mtu: number;
  /** How outer headers are written, if another way than usual. */
  readonly outer?: OuterOptions;
  readonly clampsSegments?: boolean;
  /** What of it is to be known, a sentence each: the first says how large packets may be. */
  readonly notes: readonly string[];
}

/**
 * Plans a node's datapath. Pure.
 *
 * @throws RangeError there is no device to attach programs to, a device that is named is not there, or tunnels cannot come from a prefix
 */
export function planAgent(options: PlanOptions, { addresses, devices }: NodeFacts): AgentPlan {
  const chosen = chooseDevices(options, addresses, devices);
  const mtu = options.mtu ?? Math.min(...chosen.map((device) => device.mtu));
  const known = addresses.length > 0 ? addresses : chosen.flatMap((device) => device.addresses);
  const nodeAddresses = Object.fromEntries(
    FAMILIES.flatMap((family) => {
      const found = known.find((address) => familyOf(address) === family);
      return found === undefined ? [] : [[family, found]];
    }),
  );
  const lacking = FAMILIES.filter((family) => nodeAddresses[family] === undefined);
  return {
    devices: chosen.map(({ name }) => name),
    nodeAddresses,
    mtu,
    ...(options.clampsSegments && { clampsSegments: true }),
    ...(options.tunnelSources && { outer: outerOf(options.tunnelSources) }),
    notes: [
      `requests are taken by ${options.attach ?? 'tcx'}; packets of ${mtu} bytes leave by ${chosen.map(({ name }) => name).join(', ')}: ${arithmetic(options.mode, mtu)}`,
      ...(addresses.length === 0 ? ['the API knows no address of this node: those of its devices are used'] : []),
      ...lacking.map(
        (family) =>
          `this node has no address of IPv${family}: it sends no tunnels of IPv${family}, and stands in for no clients`,
      ),
    ],
  };
}

/**
 * Outer headers whose sources are of prefixes.
 *
 * @throws RangeError one is no prefix, leaves no room for a port, or is the second of its family
 */
export function outerOf(prefixes: readonly string[]): OuterOptions {
  const sources: Partial<Record<Family, OuterSource>> = {};
  for (const prefix of prefixes) {
    const family = familyOf(prefix);
    const { bits } = prefixOf(prefix, family);
    if (family === 6 && bits > 96)
      throw new RangeError(
        `Tunnels cannot come from ${prefix}: it must have 96 bits at most, since the last 16 carry a port`,
      );
    if (sources[family] !== undefined)
      throw new RangeError(`Tunnels cannot come from ${prefix}: there is a prefix of IPv${family} already`);
    sources[family] = { formula: 'spread', prefix };
  }
  return { sources };
}

/** How large a packet of a client may be, and a segment of TCP, by the mode: `dsr-ipip takes 20 of it with IPv4: 1480, MSS 1440`. */
export function arithmetic(mode: Mode, mtu: number): string {
  const each = FAMILIES.map((family) => {
    const overhead = overheadOf(mode, family);
    const left = mtu - overhead;
    return `${overhead} with IPv${family}, which leaves ${left} (MSS ${left - SEGMENT_HEADERS[family]})`;
  });
  return `${mode} takes ${each.join(', and ')}`;
}

function chooseDevices({ devices: named }: PlanOptions, addresses: readonly string[], all: readonly Device[]) {
  if (named !== undefined) {
    const missing = named.find((name) => !all.some((device) => device.name === name));
    if (missing !== undefined)
      throw new RangeError(
        `There is no device ${missing} here; there are ${all.map(({ name }) => name).join(', ') || 'none'}`,
      );
    return all.filter(({ name }) => named.includes(name));
  }
  const found = all.filter(
    (device) => device.hasDefaultRoute || device.addresses.some((address) => addresses.includes(address)),
  );
  if (found.length === 0)
    throw new RangeError('No device has a default route or an address of this node: name those that face the network');
  return found;
}

/** Whether a device's name is of one of the patterns, in which * stands for any letters. */
export function isOneOf(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...others] = pattern.split('*');
    if (others.length === 0) return name === pattern;
    const last = others.at(-1) ?? '';
    const middle = name.slice(first.length, name.length - last.length);
    const isAround = name.startsWith(first) && name.endsWith(last) && name.length >= first.length + last.length;
    return isAround && others.slice(0, -1).every((part) => middle.includes(part));
  });
}
