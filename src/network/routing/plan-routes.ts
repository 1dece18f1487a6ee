import { namespacedName } from 'nekube/apimachinery';
import type { Protocol } from '../pod-network.ts';
import type { RouteEndpoint } from './choose-endpoints.ts';
import {
  clusterIpsOf,
  type EndpointSlice,
  type Service,
  type ServicePort,
  type SliceEndpoint,
  type SlicePort,
} from './service.ts';

/** An address and port on which a service is reached. */
export interface Frontend {
  readonly ip: string;
  readonly port: number;
  /** `external` is what comes from outside: node ports, load balancers, external addresses. */
  readonly from: 'internal' | 'external';
  /** Whose node port it is, if it is one's. */
  readonly node?: string;
  /** Only clients in these ranges are let in. */
  readonly sourceRanges?: readonly string[];
}

/** A port of a service: where it is reached, and what is behind it. */
export interface Route {
  /** Of the service and its port, for messages. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly frontends: readonly Frontend[];
  readonly endpoints: readonly RouteEndpoint[];
  /** How long a client keeps its endpoint; undefined: not at all. */
  readonly affinityMs?: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
}

/** An address that node ports are served on, and whose it is. */
export interface NodePlace {
  readonly ip: string;
  readonly node?: string;
}

/** By the label, somebody else routes a service. */
const OTHER_PROXY = 'service.kubernetes.io/service-proxy-name';
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** The routes of a service, one for each of its ports; none for one that has no address. */
export function planRoutes(
  service: Service,
  slices: readonly EndpointSlice[],
  nodes: readonly NodePlace[],
): readonly Route[] {
  const { spec, metadata } = service;
  if (clusterIpsOf(service).length === 0 || spec.type === 'ExternalName') return [];
  if (metadata.labels?.[OTHER_PROXY] !== undefined) return [];
  return (spec.ports ?? []).map((port) => ({
    name: `${namespacedName(service.metadata)}:${port.name ?? port.port}`,
    protocol: port.protocol ?? 'TCP',
    frontends: frontendsOf(service, port, nodes),
    endpoints: endpointsOf(port, slices),
    ...(spec.sessionAffinity === 'ClientIP' && {
      affinityMs: 1000 * (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS),
    }),
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
  }));
}

function frontendsOf(service: Service, { port, nodePort = 0 }: ServicePort, nodes: readonly NodePlace[]): Frontend[] {
  const { spec, status } = service;
  const sourceRanges = spec.loadBalancerSourceRanges;
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === 'Proxy' ? [] : [ip],
  );
  return [
    ...clusterIpsOf(service).map((ip): Frontend => ({ ip, port, from: 'internal' })),
    ...(spec.externalIPs ?? []).map((ip): Frontend => ({ ip, port, from: 'external' })),
    ...balanced.map((ip): Frontend => ({ ip, port, from: 'external', ...(sourceRanges && { sourceRanges }) })),
    ...(nodePort === 0 ? [] : nodes.map((node): Frontend => ({ ...node, port: nodePort, from: 'external' }))),
  ];
}

/** Of all slices; an endpoint that stands in two of them counts once, as ready if it is in one. */
function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): RouteEndpoint[] {
  const found = new Map<string, RouteEndpoint>();
  for (const { addressType, ports, endpoints } of slices) {
    if (addressType === 'FQDN') continue;
    for (const { port: number } of (ports ?? []).filter((one) => isSamePort(one, port))) {
      if (number === undefined) continue;
      for (const endpoint of endpoints ?? []) {
        const made = routeEndpoint(endpoint, number);
        if (made === undefined) continue;
        const key = `${made.ip} ${number}`;
        if (!found.get(key)?.ready) found.set(key, made);
      }
    }
  }
  return [...found.values()];
}

function isSamePort({ name, protocol }: SlicePort, port: ServicePort): boolean {
  return (name ?? '') === (port.name ?? '') && (protocol ?? 'TCP') === (port.protocol ?? 'TCP');
}

/** Clients take the first address alone, as the API says. */
function routeEndpoint(
  { addresses, conditions, nodeName, hints }: SliceEndpoint,
  port: number,
): RouteEndpoint | undefined {
  const [ip] = addresses;
  if (ip === undefined) return undefined;
  const ready = conditions?.ready ?? true;
  return {
    ip,
    port,
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
    ...(nodeName !== undefined && { node: nodeName }),
    zones: (hints?.forZones ?? []).map(({ name }) => name),
    nodes: (hints?.forNodes ?? []).map(({ name }) => name),
  };
}
