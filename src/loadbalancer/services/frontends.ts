import { isIP } from 'node:net';
import {
  chooseEndpoints,
  type EndpointSlice,
  planRoutes,
  type Route,
  type RouteEndpoint,
  type RouteFrontend,
  type Service,
} from 'nekube/network';
import type { Backend, Frontend, TransportProtocol } from '../model/config.ts';
import { type ModeCondition, modesOf } from './modes.ts';
import { type BalancingSettings, settingsOf } from './settings.ts';

/** The node whose datapath it is. */
export interface NodePlace {
  readonly name: string;
  readonly zone?: string;
  /** The addresses that node ports are served on. */
  readonly addresses: readonly string[];
  /** An address of a node, of the family 4 or 6; undefined if it has none. */
  readonly addressOf: (node: string, family: number) => string | undefined;
}

/** What a Service comes to at a node. */
export interface BalancedService {
  readonly frontends: readonly Frontend[];
  /** What of it is not served as it asks for, a sentence each, for its events. */
  readonly problems: readonly string[];
  /** Whether it is served by the mode that counts for it, for its status; a Service without frontends has none. */
  readonly condition?: ModeCondition;
}

/**
 * The frontends of a Service at a node, with the backends that kube-proxy would choose there: by readiness, policies, hints and
 * family. Of an endpoint that is terminating, flows that it has go on (`isTerminating`). Pure.
 */
export function balance(
  service: Service,
  slices: readonly EndpointSlice[],
  node: NodePlace,
  common: BalancingSettings,
): BalancedService {
  const { settings, problems } = settingsOf(service, common);
  const places = node.addresses.map((ip) => ({ ip, node: node.name }));
  const routes = planRoutes(service, slices, places);
  const balanced = routes.filter(({ protocol }) => isBalanced(protocol));
  const refused = routes
    .filter(({ protocol }) => !isBalanced(protocol))
    .map(({ name, protocol }) => `port ${name} is of ${protocol}, which is not balanced; only TCP and UDP are`);
  const asked = balanced.flatMap((route) => route.frontends.map((place) => frontendOf(route, place, node, settings)));
  const { frontends, problems: fallbacks, condition } = modesOf(asked, common.tunnels);
  return { frontends, problems: [...problems, ...refused, ...fallbacks], ...(condition && { condition }) };
}

type Settings = Pick<BalancingSettings, 'mode' | 'algorithm'>;

function isBalanced(protocol: string): protocol is TransportProtocol {
  return protocol === 'TCP' || protocol === 'UDP';
}

function frontendOf(route: Route, place: RouteFrontend, node: NodePlace, settings: Settings): Frontend {
  const family = isIP(place.ip);
  const endpoints = route.endpoints.filter(({ ip }) => isIP(ip) === family);
  const choose = (onlyLocal: boolean) => backendsOf(endpoints, onlyLocal, node, family);
  const isExternal = place.from === 'external';
  const backends = choose(isExternal ? route.externalLocal : route.internalLocal);
  // what pods and nodes send to an external address is as if sent to the cluster IP
  const inside = isExternal && route.externalLocal ? choose(false) : undefined;
  return {
    name: route.name,
    address: place.ip,
    port: place.port,
    protocol: route.protocol as TransportProtocol,
    from: place.from,
    ...settings,
    backends,
    ...(inside && { insideBackends: inside }),
    ...forOthersOf(endpoints, [...backends, ...(inside ?? [])], node, family),
    ...(place.node !== undefined && { isNodePort: true }),
    whenEmpty: backends.length === 0 && choose(false).length > 0 ? 'drop' : 'reject',
    ...(route.affinityMs !== undefined && { affinitySeconds: route.affinityMs / 1000 }),
    ...sourceRangesOf(place, family),
  };
}

/** Those of the frontend's family. As with kube-proxy, ranges of the other one alone restrict nobody. */
function sourceRangesOf({ sourceRanges = [] }: RouteFrontend, family: number) {
  const ranges = sourceRanges
    .map((range) => range.trim())
    .filter((range) => isIP(range.split('/')[0] ?? '') === family);
  return ranges.length > 0 ? { sourceRanges: ranges } : {};
}

/** Those for new flows first; then those that end, if any are left to new flows. */
function backendsOf(
  endpoints: readonly RouteEndpoint[],
  onlyLocal: boolean,
  node: NodePlace,
  family: number,
): Backend[] {
  const client = { node: node.name, ...(node.zone !== undefined && { zone: node.zone }) };
  const chosen = new Set(chooseEndpoints(endpoints, { onlyLocal, client }));
  // where only such endpoints are left as end, they get new flows as well
  const ending = endpoints.filter((one) => one.serving && one.terminating && !chosen.has(one));
  const all = [...chosen, ...(chosen.size > 0 ? ending : [])];
  // of all there are, so that nodes which choose otherwise agree in it
  const sharing = sharedAddresses(endpoints);
  return all.map((one) => backendOf(one, sharing, node, family, !chosen.has(one)));
}

function backendOf(
  one: RouteEndpoint,
  sharing: ReadonlySet<string>,
  node: NodePlace,
  family: number,
  isTerminating: boolean,
): Backend {
  const carriesPort = sharing.has(one.ip);
  return { address: one.ip, port: one.port, ...withNode(one, node, family), isTerminating, carriesPort };
}

/** Other nodes have other hints, and may choose what is on this one where this one does not. */
function forOthersOf(
  endpoints: readonly RouteEndpoint[],
  known: readonly Backend[],
  node: NodePlace,
  family: number,
): Pick<Frontend, 'forOthers'> {
  const here = endpoints.filter((one) => one.node === node.name && (one.ready || one.serving));
  if (here.length === 0) return {};
  const chosen = new Set(known.map(({ address, port }) => `${address} ${port}`));
  const others = here.filter(({ ip, port }) => !chosen.has(`${ip} ${port}`));
  const sharing = sharedAddresses(endpoints);
  return others.length === 0
    ? {}
    : { forOthers: others.map((one) => backendOf(one, sharing, node, family, one.terminating)) };
}

/** The addresses that have several ports. */
function sharedAddresses(endpoints: readonly RouteEndpoint[]): ReadonlySet<string> {
  const ports = new Map<string, number>();
  const shared = new Set<string>();
  for (const { ip, port } of endpoints)
    if ((ports.get(ip) ?? port) === port) ports.set(ip, port);
    else shared.add(ip);
  return shared;
}

function withNode({ node: name }: RouteEndpoint, node: NodePlace, family: number) {
  const nodeAddress =
    name === undefined ? undefined : (node.addressOf(name, family) ?? node.addressOf(name, family === 4 ? 6 : 4));
  return {
    isLocal: name === node.name,
    ...(name !== undefined && { node: name }),
    ...(nodeAddress !== undefined && { nodeAddress }),
  };
}
