import { CONTROLLER_NAME } from '../install/index.ts';
import type {
  BackendTLSPolicy,
  ClusterTrustBundle,
  ConfigMap,
  EndpointSlice,
  Gateway,
  GatewayClass,
  GRPCRoute,
  HTTPRoute,
  ListenerSet,
  ReferenceGrant,
  Resource,
  Secret,
  Service,
  StreamRoute,
  XBackend,
  XBackendTrafficPolicy,
  XTelemetryPolicy,
} from './resources.ts';

/** Objects of one kind by `NAMESPACE/NAME` (`NAME` where there is no namespace). */
export type Objects<T extends Resource> = ReadonlyMap<string, T>;

/**
 * All that a translation may read, at one moment.
 *
 * An object that did not change should be the same object as in the snapshot before, and a kind of which none did the same map:
 * then it is not looked at again. No object is ever changed.
 */
export interface Snapshot {
  /** As a GatewayClass names its controller; gateways of other controllers' classes are not looked at. */
  readonly controllerName: string;
  /** Features of Gateway API that the data plane has. */
  readonly supportedFeatures: readonly string[];
  /** What gateways listen on, by `NAMESPACE/NAME`; a gateway that is not here listens on all addresses. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly gatewayClasses: Objects<GatewayClass>;
  readonly gateways: Objects<Gateway>;
  readonly listenerSets: Objects<ListenerSet>;
  readonly httpRoutes: Objects<HTTPRoute>;
  readonly grpcRoutes: Objects<GRPCRoute>;
  readonly tlsRoutes: Objects<StreamRoute>;
  readonly tcpRoutes: Objects<StreamRoute>;
  readonly udpRoutes: Objects<StreamRoute>;
  readonly referenceGrants: Objects<ReferenceGrant>;
  readonly backendTlsPolicies: Objects<BackendTLSPolicy>;
  readonly xBackends: Objects<XBackend>;
  readonly xBackendTrafficPolicies: Objects<XBackendTrafficPolicy>;
  readonly xTelemetryPolicies: Objects<XTelemetryPolicy>;
  readonly clientPolicies: Objects<Resource>;
  readonly backendPolicies: Objects<Resource>;
  readonly securityPolicies: Objects<Resource>;
  readonly services: Objects<Service>;
  readonly serviceImports: Objects<Service>;
  readonly endpointSlices: Objects<EndpointSlice>;
  readonly secrets: Objects<Secret>;
  readonly configMaps: Objects<ConfigMap>;
  readonly clusterTrustBundles: Objects<ClusterTrustBundle>;
  readonly namespaces: Objects<Resource>;
}

/** The kinds of a snapshot. */
export type SnapshotKind = Exclude<keyof Snapshot, 'controllerName' | 'supportedFeatures' | 'addresses'>;

/** The kind of the objects of each part of a snapshot, and the group of its API. */
export const SNAPSHOT_KINDS: Readonly<Record<SnapshotKind, { readonly group: string; readonly kind: string }>> = {
  gatewayClasses: { group: 'gateway.networking.k8s.io', kind: 'GatewayClass' },
  gateways: { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  listenerSets: { group: 'gateway.networking.k8s.io', kind: 'ListenerSet' },
  httpRoutes: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
  grpcRoutes: { group: 'gateway.networking.k8s.io', kind: 'GRPCRoute' },
  tlsRoutes: { group: 'gateway.networking.k8s.io', kind: 'TLSRoute' },
  tcpRoutes: { group: 'gateway.networking.k8s.io', kind: 'TCPRoute' },
  udpRoutes: { group: 'gateway.networking.k8s.io', kind: 'UDPRoute' },
  referenceGrants: { group: 'gateway.networking.k8s.io', kind: 'ReferenceGrant' },
  backendTlsPolicies: { group: 'gateway.networking.k8s.io', kind: 'BackendTLSPolicy' },
  xBackends: { group: 'gateway.networking.x-k8s.io', kind: 'XBackend' },
  xBackendTrafficPolicies: { group: 'gateway.networking.x-k8s.io', kind: 'XBackendTrafficPolicy' },
  xTelemetryPolicies: { group: 'gateway.networking.x-k8s.io', kind: 'XTelemetryPolicy' },
  clientPolicies: { group: 'gateway.nekube.dev', kind: 'ClientPolicy' },
  backendPolicies: { group: 'gateway.nekube.dev', kind: 'BackendPolicy' },
  securityPolicies: { group: 'gateway.nekube.dev', kind: 'SecurityPolicy' },
  services: { group: '', kind: 'Service' },
  serviceImports: { group: 'multicluster.x-k8s.io', kind: 'ServiceImport' },
  endpointSlices: { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
  secrets: { group: '', kind: 'Secret' },
  configMaps: { group: '', kind: 'ConfigMap' },
  clusterTrustBundles: { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle' },
  namespaces: { group: '', kind: 'Namespace' },
};

/** A snapshot of these objects, of which each says its kind and, where it is not clear, its group; all others are left out. */
export function snapshotOf(
  objects: Iterable<Resource>,
  options: Partial<Pick<Snapshot, 'controllerName' | 'supportedFeatures' | 'addresses'>> = {},
): Snapshot {
  const kinds = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
  const maps = Object.fromEntries(kinds.map((kind) => [kind, new Map()])) as Record<
    SnapshotKind,
    Map<string, Resource>
  >;
  const byKind = new Map(kinds.map((part) => [SNAPSHOT_KINDS[part].kind, part]));
  for (const object of objects) {
    const found = byKind.get(object.kind ?? '');
    const part = found !== undefined && isOfGroup(object, SNAPSHOT_KINDS[found].group) ? found : undefined;
    if (part !== undefined) maps[part].set(keyOf(object), object);
  }
  return {
    controllerName: CONTROLLER_NAME,
    supportedFeatures: [],
    addresses: new Map(),
    ...options,
    ...(maps as unknown as Pick<Snapshot, SnapshotKind>),
  };
}

/** Others have kinds of the same name: a Gateway of Istio's, a SecurityPolicy of Envoy Gateway's. */
function isOfGroup({ apiVersion }: Resource, group: string): boolean {
  if (apiVersion === undefined) return true;
  return group === '' ? !apiVersion.includes('/') : apiVersion.startsWith(`${group}/`);
}

/** `NAMESPACE/NAME`, or `NAME` where there is no namespace. */
export function keyOf({ metadata }: Resource): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
