import type { GivenAddresses } from './plan-addresses.ts';

/** From where an address can be reached, beside what this machine's addresses can anyway. */
export const CLUSTER_ROUTABILITY = 'Cluster';
/** Reserved by GEP-5093, which asks all to take it who claim the feature: it says nothing of who reaches the address. */
const SENTINEL = 'testing.x-k8s.io/sentinel';

/** An entry of `spec.addresses`. */
export interface AddressEntry {
  readonly type?: string;
  readonly value?: string;
  readonly routability?: string;
}

/** An address as a status tells it. */
export interface RoutableAddress {
  readonly type: string;
  readonly value: string;
  /** Empty: nothing is promised. */
  readonly routability: string;
}

/** What became of the entries of a Gateway. */
export interface RoutedAddresses {
  readonly addresses: readonly RoutableAddress[];
  /** Entries that got none, and why. */
  readonly missing: readonly string[];
  /** How many entries there are; none: what is given is by default. */
  readonly asked: number;
}

/** What the Service of a Gateway has. */
export interface ServiceAddresses {
  /** Its ClusterIPs; none where there is no Service yet. */
  readonly clusterIps: readonly string[];
  /** Whether it leads anywhere: a cluster reaches no address of this machine alone. */
  readonly leadsHere: boolean;
}

/** Whether an entry is about the addresses that gateways listen on, rather than those of their Services. */
export function isOwnAddress({ type = 'IPAddress', routability = '' }: AddressEntry): boolean {
  return type === 'IPAddress' && (routability === '' || routability === SENTINEL);
}

/** Whether pods reach an address: what is this machine's alone no EndpointSlice takes. */
export function isReachable(address: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) && !/^(0|127|169\.254)\./.test(address);
}

/**
 * One address for each entry of `spec.addresses` that can have one: its own from those that the Gateway listens on, of routability
 * `Cluster` from those of its Service. No entry gets one of another routability.
 */
export function routeAddresses(
  entries: readonly AddressEntry[],
  given: GivenAddresses,
  service: ServiceAddresses,
): RoutedAddresses {
  if (entries.length === 0) {
    const addresses = given.addresses.map((value) => ({ type: 'IPAddress', value, routability: '' }));
    return { addresses, missing: given.problem === undefined ? [] : [given.problem.message], asked: 0 };
  }
  const pools = { own: [...given.addresses], cluster: service.leadsHere ? [...service.clusterIps] : [] };
  const found = new Map<AddressEntry, RoutableAddress>();
  const missing = new Map<AddressEntry, string>();
  for (const entry of [...entries].sort(valuesFirst)) {
    const { value = '', routability = '', type = 'IPAddress' } = entry;
    const pool = isOwnAddress(entry) ? pools.own : routability === CLUSTER_ROUTABILITY ? pools.cluster : [];
    const at = value === '' ? 0 : pool.indexOf(value);
    const [taken] = at < 0 ? [] : pool.splice(at, 1);
    if (taken === undefined) missing.set(entry, whyMissing(entry, given, service));
    else found.set(entry, { type, value: taken, routability });
  }
  const told = entries.flatMap((entry, index) =>
    missing.has(entry) ? [`spec.addresses[${index}]: ${missing.get(entry)}`] : [],
  );
  return { addresses: entries.flatMap((entry) => found.get(entry) ?? []), missing: told, asked: entries.length };
}

/** The ClusterIP that a Gateway asks its Service to have. */
export function wantedClusterIp(entries: readonly AddressEntry[]): string | undefined {
  const asked = entries.find(({ routability, value = '' }) => routability === CLUSTER_ROUTABILITY && value !== '');
  return asked?.value;
}

function valuesFirst(a: AddressEntry, b: AddressEntry): number {
  return Number((a.value ?? '') === '') - Number((b.value ?? '') === '');
}

function whyMissing(entry: AddressEntry, given: GivenAddresses, { clusterIps, leadsHere }: ServiceAddresses): string {
  const { value = '', routability = '', type = 'IPAddress' } = entry;
  if (type !== 'IPAddress') return `type ${type} is not supported: use IPAddress`;
  if (isOwnAddress(entry)) return given.problem?.message ?? 'no address is left for it: leave it out';
  if (routability !== CLUSTER_ROUTABILITY)
    return `routability ${routability} is not known: use Cluster, or leave it out`;
  if (!leadsHere) {
    const own = given.addresses.join(', ') || 'no address yet';
    return `pods do not reach what the Gateway listens on (${own}), so that its Service has nowhere to lead`;
  }
  if (clusterIps.length === 0) return 'its Service has no ClusterIP yet';
  return value === ''
    ? `its Service has ${clusterIps.join(', ')} and no more ClusterIPs: leave it out`
    : `its Service has ${clusterIps.join(', ')}: ${value} must be free, and of the range of Services`;
}
