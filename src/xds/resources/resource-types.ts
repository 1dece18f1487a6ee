import type { MessageName } from '../codec/codec.ts';
import { TYPE_PREFIX } from '../codec/registry.ts';

/** One type of resource that is asked for by name. */
export interface ResourceType {
  /** Short, as `nekube xds` calls it. */
  readonly name: string;
  readonly message: MessageName;
  readonly url: string;
  /** The field that a resource is named by. */
  readonly nameField: string;
  /** All of them are meant when a client names none; a state of the world always has all of them. */
  readonly isWhole: boolean;
  /** The service that has streams of this type alone: its name, and what follows `Stream` and `Delta`. */
  readonly service: readonly [name: string, method: string];
  /** Types whose resources may refer to those of this one. */
  readonly referrers: readonly string[];
}

type Row = readonly [
  name: string,
  message: MessageName,
  service: readonly [string, string],
  options?: { readonly nameField?: string; readonly isWhole?: boolean; readonly referrers?: readonly string[] },
];

const ROUTING = ['extension', 'listener', 'scoped-route', 'route', 'virtual-host'] as const;

const ROWS: readonly Row[] = [
  [
    'cluster',
    'envoy.config.cluster.v3.Cluster',
    ['cluster.v3.ClusterDiscoveryService', 'Clusters'],
    { isWhole: true, referrers: ROUTING },
  ],
  [
    'endpoint',
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    ['endpoint.v3.EndpointDiscoveryService', 'Endpoints'],
    { nameField: 'cluster_name', referrers: ['cluster'] },
  ],
  [
    'secret',
    'envoy.extensions.transport_sockets.tls.v3.Secret',
    ['secret.v3.SecretDiscoveryService', 'Secrets'],
    { referrers: ['cluster', 'extension', 'listener', 'route'] },
  ],
  ['runtime', 'envoy.service.runtime.v3.Runtime', ['runtime.v3.RuntimeDiscoveryService', 'Runtime']],
  [
    'extension',
    'envoy.config.core.v3.TypedExtensionConfig',
    ['extension.v3.ExtensionConfigDiscoveryService', 'ExtensionConfigs'],
    { referrers: ['listener', 'route'] },
  ],
  [
    'listener',
    'envoy.config.listener.v3.Listener',
    ['listener.v3.ListenerDiscoveryService', 'Listeners'],
    { isWhole: true },
  ],
  [
    'scoped-route',
    'envoy.config.route.v3.ScopedRouteConfiguration',
    ['route.v3.ScopedRoutesDiscoveryService', 'ScopedRoutes'],
    { isWhole: true, referrers: ['listener'] },
  ],
  [
    'route',
    'envoy.config.route.v3.RouteConfiguration',
    ['route.v3.RouteDiscoveryService', 'Routes'],
    { referrers: ['listener', 'scoped-route'] },
  ],
  [
    'virtual-host',
    'envoy.config.route.v3.VirtualHost',
    ['route.v3.VirtualHostDiscoveryService', 'VirtualHosts'],
    { referrers: ['route'] },
  ],
];

/** All types, in the order in which their changes are sent: what is referred to comes before what refers. */
export const RESOURCE_TYPES: readonly ResourceType[] = ROWS.map(([name, message, [service, method], options = {}]) => ({
  name,
  message,
  url: `${TYPE_PREFIX}${message}`,
  nameField: options.nameField ?? 'name',
  isWhole: options.isWhole ?? false,
  service: [`envoy.service.${service}`, method],
  referrers: (options.referrers ?? []).map((referrer) => TYPE_PREFIX + ROWS.find(([row]) => row === referrer)![1]),
}));

const byUrl = new Map(RESOURCE_TYPES.map((type) => [type.url, type]));

/** The type of a URL; undefined when resources of it are not asked for by name. */
export function resourceType(url: string): ResourceType | undefined {
  return byUrl.get(url);
}

const urlOf = (name: string): string => RESOURCE_TYPES.find((type) => type.name === name)!.url;

/** The URLs of the types that the protocol knows more of. */
export const CLUSTER_URL: string = urlOf('cluster');
/** Of endpoints. */
export const ENDPOINT_URL: string = urlOf('endpoint');
