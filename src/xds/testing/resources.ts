import { anyOf } from '../codec/codec.ts';
import { Resource } from '../resources/resource.ts';

/** A cluster whose endpoints are asked for; `note` makes another version of it. */
export function cluster(name: string, note = ''): Resource {
  const eds_config = { ads: {}, resource_api_version: 'V3' } as const;
  return Resource.of('envoy.config.cluster.v3.Cluster', {
    name,
    type: 'EDS',
    alt_stat_name: note,
    eds_cluster_config: { eds_config },
  });
}

/** Endpoints of a cluster at ports of loopback. */
export function endpoints(cluster_name: string, ports: readonly number[]): Resource {
  const lb_endpoints = ports.map((port_value) => ({
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } },
  }));
  return Resource.of('envoy.config.endpoint.v3.ClusterLoadAssignment', { cluster_name, endpoints: [{ lb_endpoints }] });
}

/** Routes that send a path to each cluster. */
export function routes(name: string, clusters: readonly string[], note = ''): Resource {
  return Resource.of('envoy.config.route.v3.RouteConfiguration', {
    name,
    virtual_hosts: [
      {
        name: `all ${note}`,
        domains: ['*'],
        routes: clusters.map((one) => ({ match: { prefix: `/${one}` }, route: { cluster: one } })),
      },
    ],
  });
}

/** A listener on loopback that asks for its routes. */
export function listener(name: string, route_config_name: string, port_value: number, note = ''): Resource {
  const config_source = { ads: {}, resource_api_version: 'V3' } as const;
  const manager = anyOf('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: `http${note}`,
    rds: { route_config_name, config_source },
    http_filters: [{ name: 'router', typed_config: anyOf('envoy.extensions.filters.http.router.v3.Router', {}) }],
  });
  return Resource.of('envoy.config.listener.v3.Listener', {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value } },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  });
}
