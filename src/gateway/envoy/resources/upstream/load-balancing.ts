import { anyOf, type Any, type Message } from 'nekube/xds';
import type { BackendSettings, LoadBalancing } from '../../../model/index.ts';
import { duration } from '../messages.ts';

type LoadBalancingPolicy = Message<'envoy.config.cluster.v3.LoadBalancingPolicy'>;
type HashPolicy = Message<'envoy.config.route.v3.RouteAction.HashPolicy'>;
type HashedBy = Extract<LoadBalancing, { type: 'ConsistentHash' }>['by'];

/**
 * Which endpoint of a cluster; by turns, if nothing is said: an endpoint that fails at once has the least requests, so that the
 * least loaded would be the worst. What is hashed stands here, so that no route has to know.
 */
export function loadBalancingPolicy({ loadBalancing, slowStartMs }: BackendSettings): LoadBalancingPolicy {
  const slow = slowStartMs === undefined ? {} : { slow_start_config: { slow_start_window: duration(slowStartMs) } };
  switch (loadBalancing?.type) {
    case 'ConsistentHash':
      return policy('maglev', maglev(loadBalancing.by, loadBalancing.tableSize));
    case 'Random':
      return policy('random', anyOf('envoy.extensions.load_balancing_policies.random.v3.Random', {}));
    case 'LeastRequest':
      return policy(
        'least_request',
        anyOf('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', slow),
      );
    default:
      return policy('round_robin', anyOf('envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin', slow));
  }
}

function policy(name: string, typed_config: Any): LoadBalancingPolicy {
  return { policies: [{ typed_extension_config: { name: `envoy.load_balancing_policies.${name}`, typed_config } }] };
}

function maglev(by: HashedBy, tableSize: number | undefined): Any {
  return anyOf('envoy.extensions.load_balancing_policies.maglev.v3.Maglev', {
    ...(tableSize !== undefined && { table_size: tableSize }),
    consistent_hashing_lb_config: { hash_policy: [hashPolicy(by)] },
  });
}

function hashPolicy(by: HashedBy): HashPolicy {
  switch (by.type) {
    case 'Header':
      return { header: { header_name: by.name } };
    case 'QueryParam':
      return { query_parameter: { name: by.name } };
    case 'Cookie':
      return { cookie: { name: by.name, ...(by.ttlMs !== undefined && { ttl: duration(by.ttlMs) }) } };
    default:
      return { connection_properties: { source_ip: true } };
  }
}
