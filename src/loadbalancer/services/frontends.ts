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
  const asked = balanced.flatMap((route) => {
    const reachable = reachableBy(route);
    return route.frontends.map((place) => frontendOf(route, place, reachable(isIP(place.ip)), node, settings));
  });
  const { frontends, problems: fallbacks, condition } = modesOf(asked, common.tunnels);
  return { frontends, problems: [...problems, ...refused, ...fallbacks], ...(condition && { condition }) };
}

type Settings = Pick<BalancingSettings, 'mode' | 'algorithm'>;

function isBalanced(protocol: string): protocol is TransportProtocol {
  return protocol === 'TCP' || protocol === 'UDP';
}

/** What frontends of one family lead to. */
interface Reachable {
  readonly family: number;
  readonly endpoints: readonly RouteEndpoint[];
  /** The addresses that have several ports: of all there are, so that nodes which choose otherwise agree in it. */
  readonly sharing: ReadonlySet<string>;
}

/** A route's endpoints by family, which are looked through once for all its frontends. */
function reachableBy(route: Route): (family: number) => Reachable {
  const known = new Map<number, Reachable>();
  return (family) => {
    const found = known.get(family);
    if (found !== undefined) return found;
    const endpoints = route.endpoints.filter(({ ip }) => isIP(ip) === family);
    const made = { family, endpoints, sharing: sharedAddresses(endpoints) };
    known.set(family, made);
    return made;
  };
}

function frontendOf(
  route: Route,
  place: RouteFrontend,
  reachable: Reachable,
  node: NodePlace,
  settings: Settings,
): Frontend {
  const { family } = reachable;
  const choose = (onlyLocal: boolean) => backendsOf(reachable, onlyLocal, node);
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
    ...forOthersOf(reachable, inside === undefined ? backends : [...backends, ...inside], node),
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
function backendsOf(reachable: Reachable, onlyLocal: boolean, node: NodePlace): Backend[] {
  const { endpoints } = reachable;
  const client = { node: node.name, ...(node.zone !== undefined && { zone: node.zone }) };
  const chosen = chooseEndpoints(endpoints, { onlyLocal, client });
  const backends = chosen.map((one) => backendOf(one, reachable, node, false));
  // where only such endpoints are left as end, they get new flows as well
  const ending = chosen.length === 0 ? [] : endpoints.filter((one) => one.serving && one.terminating);
  if (ending.length === 0) return backends;
  const known = new Set(chosen);
  for (const one of ending) if (!known.has(one)) backends.push(backendOf(one, reachable, node, true));
  return backends;
}

function backendOf(
  one: RouteEndpoint,
  { sharing, family }: Reachable,
  node: NodePlace,
  isTerminating: boolean,
): Backend {
  const { ip: address, port, node: name } = one;
  const isLocal = name === node.name;
  const carriesPort = sharing.has(address);
  if (name === undefined) return { address, port, isLocal, isTerminating, carriesPort };
  const nodeAddress = node.addressOf(name, family) ?? node.addressOf(name, family === 4 ? 6 : 4);
  // without spreads: there are more of these than of anything else
  return nodeAddress === undefined
    ? { address, port, node: name, isLocal, isTerminating, carriesPort }
    : { address, port, node: name, nodeAddress, isLocal, isTerminating, carriesPort };
}

/** Other nodes have other hints, and may choose what is on this one where this one does not. */
function forOthersOf(reachable: Reachable, known: readonly Backend[], node: NodePlace): Pick<Frontend, 'forOthers'> {
  const here = reachable.endpoints.filter((one) => one.node === node.name && (one.ready || one.serving));
  if (here.length === 0) return {};
  const chosen = new Set(known.map(({ address, port }) => `${address} ${port}`));
  const others = here.filter(({ ip, port }) => !chosen.has(`${ip} ${port}`));
  return others.length === 0
    ? {}
    : { forOthers: others.map((one) => backendOf(one, reachable, node, one.terminating)) };
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
