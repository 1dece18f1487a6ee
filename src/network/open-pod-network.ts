import { addLocalRoutes, areLocal } from './loopback/local-routes.ts';
import { LoopbackNetwork } from './loopback/loopback-network.ts';
import { missingCapabilities, whyNoNamespaces } from './machine/rights.ts';
import { assertFree, machineRoutes, overlapOf } from './machine/overlaps.ts';
import { removeDead } from './remove-dead.ts';
import { missingPrograms } from './machine/run.ts';
import { NamespacesNetwork } from './namespaces/namespaces-network.ts';
import { AddressPlan, type AddressPlanOptions } from './pods/address-plan.ts';
import { PrivatePorts } from './pods/private-ports.ts';
import { overlap, POD_RANGE, SERVICE_RANGE, whyNotRanges } from './pods/check-ranges.ts';
import { dnsAddressOf, parseRange } from './pods/ranges.ts';
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

/** What all modes are made of. */
interface Parts {
  readonly ports: PrivatePorts;
  readonly options: PodNetworkOptions;
}

/**
 * Opens the network of this process' pods.
 *
 * @throws Error the mode that was asked for cannot be; it says which right or program is missing, or which range is in use
 */
export async function openPodNetwork(options: PodNetworkOptions = {}): Promise<PodNetwork> {
  const { random = Math.random, mode } = options;
  const why = whyNotRanges(options);
  if (why !== undefined) throw new RangeError(`Cannot give the cluster addresses: ${why}`);
  const parts = { options, ports: new PrivatePorts(random()) };
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
  return openVirtual(parts, reasonsOf(refusals));
}

/** Each is told once. */
function reasonsOf(refusals: readonly string[]): string {
  return [...new Set(refusals)].join('; ');
}

async function openNamespaces({ options }: Parts): Promise<PodNetwork> {
  const why = whyNoNamespaces();
  if (why !== undefined) throw new ModeError(`Cannot make network namespaces: ${why}`, `no namespaces: ${why}`);
  const { clusterDomain: domain = 'cluster.local', serviceRange = SERVICE_RANGE } = options;
  const { clusterDns = dnsAddressOf(serviceRange) } = options;
  const cluster = { domain, servers: [clusterDns] };
  const { plan, localRanges } = await freePlan(options);
  return NamespacesNetwork.open({ plan, localRanges, cluster, reason: 'it has CAP_NET_ADMIN and CAP_SYS_ADMIN' });
}

async function openLoopback({ options, ports }: Parts, refusals: readonly string[] = []): Promise<PodNetwork> {
  const because = (text: string): string => reasonsOf([text, ...refusals]);
  const why = whyNoRoutes();
  const { plan, localRanges } = why === undefined ? await freePlan(options) : usualPlan(options);
  const ranges = [plan.allPods, ...localRanges];
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

async function openVirtual({ options, ports }: Parts, reason: string): Promise<PodNetwork> {
  return new VirtualNetwork({ plan: new AddressPlan(options), ports, reason });
}

/** The addresses of nodes and pods, with the ranges that are this machine's own beside those of pods. */
interface RealPlan {
  readonly plan: AddressPlan;
  readonly localRanges: readonly string[];
}

function usualPlan(options: PodNetworkOptions): RealPlan {
  const plan = new AddressPlan(options);
  return { plan, localRanges: [options.serviceRange ?? SERVICE_RANGE, plan.allNodes] };
}

/** With a range of nodes that nobody has yet, after what killed runs left is gone. @throws Error a range is in use */
async function freePlan(options: PodNetworkOptions): Promise<RealPlan> {
  await removeDead();
  const routes = await machineRoutes();
  const own = [options.podRange ?? POD_RANGE, options.serviceRange ?? SERVICE_RANGE].map(parseRange);
  const isFree = (range: string): boolean =>
    overlapOf(range, routes) === undefined && !own.some((one) => overlap(one, parseRange(range)));
  const nodeRange = options.nodeRange ?? NODE_RANGES.find(isFree);
  const made = usualPlan({ ...options, ...(nodeRange !== undefined && { nodeRange }) });
  assertFree([made.plan.allPods, ...made.localRanges], routes);
  return made;
}

/** Where nodes may have their addresses: several runs beside each other need a range each. */
const NODE_RANGES = [239, 238, 237, 236, 235, 234, 233, 232].map((number) => `10.${number}.0.0/16`);
