import { addLocalRoutes, areLocal } from './loopback/local-routes.ts';
import { LoopbackNetwork } from './loopback/loopback-network.ts';
import { missingCapabilities, whyNoNamespaces } from './machine/rights.ts';
import { missingPrograms } from './machine/run.ts';
import { NamespacesNetwork } from './namespaces/namespaces-network.ts';
import { AddressPlan, type AddressPlanOptions } from './pods/address-plan.ts';
import { PrivatePorts } from './pods/private-ports.ts';
import { dnsAddressOf } from './pods/ranges.ts';
import type { NetworkMode, PodNetwork } from './pod-network.ts';
import { VirtualNetwork } from './virtual/virtual-network.ts';

/** How pods are to have addresses. */
export interface PodNetworkOptions extends AddressPlanOptions {
  /** By default the first of `namespaces`, `loopback` and `virtual` that this process may make. */
  readonly mode?: NetworkMode;
  /** Where cluster IPs come from; `10.0.0.0/24` by default. */
  readonly serviceRange?: string;
  /** `cluster.local` by default. */
  readonly clusterDomain?: string;
  /** Whom pods ask for names, where the mode gives them a resolv.conf: the tenth address of `serviceRange` by default. */
  readonly clusterDns?: string;
  /** From 0 to 1; where the search for private ports begins. */
  readonly random?: () => number;
}

const SERVICES = '10.0.0.0/24';

/** What all modes are made of. */
interface Parts {
  readonly plan: AddressPlan;
  readonly ports: PrivatePorts;
  readonly options: PodNetworkOptions;
  /** Ranges of addresses that are this machine's own, beside those of pods. */
  readonly localRanges: readonly string[];
}

/**
 * Opens the network of this process' pods.
 *
 * @throws Error the mode that was asked for cannot be; it says which right or program is missing, or which range is in use
 */
export async function openPodNetwork(options: PodNetworkOptions = {}): Promise<PodNetwork> {
  const { random = Math.random, serviceRange = SERVICES, mode } = options;
  const plan = new AddressPlan(options);
  const parts = { plan, options, ports: new PrivatePorts(random()), localRanges: [serviceRange, plan.allNodes] };
  if (mode === 'namespaces') return openNamespaces(parts);
  if (mode === 'loopback') return openLoopback(parts);
  return mode === 'virtual' ? openVirtual(parts, 'as asked') : openBest(parts);
}

/** That a mode cannot be: `why` is for a line that says which other was taken. */
class ModeError extends Error {
  readonly why: string;

  constructor(message: string, why: string) {
    super(message);
    this.why = why;
  }
}

async function openBest(parts: Parts): Promise<PodNetwork> {
  const refusals: string[] = [];
  for (const open of [openNamespaces, openLoopback]) {
    try {
      return await open(parts, refusals);
    } catch (error) {
      refusals.push(error instanceof ModeError ? error.why : (error as Error).message);
    }
  }
  return openVirtual(parts, refusals.join('; '));
}

async function openNamespaces({ plan, options, localRanges }: Parts): Promise<PodNetwork> {
  const why = whyNoNamespaces();
  if (why !== undefined) throw new ModeError(`Cannot make network namespaces: ${why}`, `no namespaces: ${why}`);
  const { clusterDomain: domain = 'cluster.local', serviceRange = SERVICES } = options;
  const { clusterDns = dnsAddressOf(serviceRange) } = options;
  const cluster = { domain, servers: [clusterDns] };
  return NamespacesNetwork.open({ plan, localRanges, cluster, reason: 'it has CAP_NET_ADMIN and CAP_SYS_ADMIN' });
}

async function openLoopback(
  { plan, ports, localRanges }: Parts,
  refusals: readonly string[] = [],
): Promise<PodNetwork> {
  const ranges = [plan.allPods, ...localRanges];
  const because = (text: string): string => [text, ...refusals].join('; ');
  const why = whyNoRoutes();
  // whoever may make routes makes its own, after those of a run that was killed are gone
  if (why !== undefined && (await areLocal(ranges))) {
    const forget = (): Promise<void> => Promise.resolve();
    return new LoopbackNetwork({ plan, ports, reason: because('its ranges are routed to this machine'), forget });
  }
  if (why !== undefined) {
    const commands = ranges.map((range) => `ip route add local ${range} dev lo`).join(' && ');
    const message = `Cannot have pods' addresses on the loopback device: ${why} (or once, as root: ${commands})`;
    throw new ModeError(message, `no addresses on the loopback device: ${why}`);
  }
  return new LoopbackNetwork({
    plan,
    ports,
    reason: because('it has CAP_NET_ADMIN'),
    forget: await addLocalRoutes(ranges),
  });
}

function whyNoRoutes(): string | undefined {
  if (process.platform !== 'linux') return 'local ranges are of Linux';
  const [right] = missingCapabilities(['CAP_NET_ADMIN']);
  if (right !== undefined) return `no ${right}`;
  return missingPrograms(['ip']).length > 0 ? 'no program ip (iproute2 has it)' : undefined;
}

async function openVirtual({ plan, ports }: Parts, reason: string): Promise<PodNetwork> {
  return new VirtualNetwork({ plan, ports, reason });
}
