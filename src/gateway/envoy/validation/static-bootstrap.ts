import type { Message } from 'nekube/xds';
import { RUNTIME_LAYER } from '../process/bootstrap.ts';
import type { EnvoyResources } from '../resources/envoy-resources.ts';
import type { Cluster, RouteConfiguration } from '../resources/messages.ts';

type Bootstrap = Message<'envoy.config.bootstrap.v3.Bootstrap'>;

/**
 * The same resources in one file, so that Envoy can say of it what it would say of them when they come by xDS: routes stand in
 * their listeners, endpoints in their clusters, and secrets are known by name.
 */
export function staticBootstrap(resources: EnvoyResources): Bootstrap {
  return {
    static_resources: {
      listeners: [...resources.listeners.values()].map((listener) => embedded(listener, resources.routes)),
      clusters: [...resources.clusters.values()].map((cluster) =>
        embedded(withEndpoints(cluster, resources), resources.routes),
      ),
      secrets: [...resources.secrets.values()],
    },
    layered_runtime: { layers: [RUNTIME_LAYER] },
  };
}

function withEndpoints(cluster: Cluster, { endpoints }: EnvoyResources): Cluster {
  const { eds_cluster_config: eds, ...rest } = cluster;
  if (eds === undefined) return cluster;
  const assignment = endpoints.get(eds.service_name ?? '');
  return { ...rest, type: 'STATIC', load_assignment: { ...assignment, cluster_name: cluster.name ?? '' } };
}

/** A value in which nothing refers to a stream of xDS any more. */
function embedded<T>(value: T, routes: ReadonlyMap<string, RouteConfiguration>): T {
  if (Array.isArray(value)) return value.map((each) => embedded(each, routes)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
    if (key === 'sds_config') return [];
    if (key === 'rds') return [['route_config', routes.get((each as { route_config_name: string }).route_config_name)]];
    return [[key, embedded(each, routes)]];
  });
  return Object.fromEntries(entries) as T;
}
