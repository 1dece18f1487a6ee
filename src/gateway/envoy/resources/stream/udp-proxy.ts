import { anyOf, type Message } from 'nekube/xds';
import type { StreamForward } from '../../../model/index.ts';
import { duration, type Extension } from '../messages.ts';
import { INVALID_CLUSTER } from './invalid-cluster.ts';
import { weighted } from './tcp-proxy.ts';

type Matcher = Message<'xds.type.matcher.v3.Matcher'>;
type OnMatch = Message<'xds.type.matcher.v3.Matcher.OnMatch'>;
type FieldMatcher = Message<'xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher'>;

const MILLION = 1_000_000;

/** The filter that passes datagrams between clients and backends. A client's address and port is a session, until it is idle. */
export function udpProxy(stream: StreamForward): Extension {
  const config = anyOf('envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
    stat_prefix: stream.name,
    matcher: matcher(stream),
    idle_timeout: duration(stream.idleTimeoutMs ?? 60_000),
  });
  return { name: 'envoy.filters.udp_listener.udp_proxy', typed_config: config };
}

/**
 * Envoy has no weights for UDP. So a session is put by the hash of its port into one of a million places, of which each backend
 * has its share: the shares of the backends before it are cut off in turn.
 */
function matcher(stream: StreamForward): Matcher {
  const backends = weighted(stream);
  const last = backends.pop();
  const total = backends.reduce((sum, { weight }) => sum + weight, last?.weight ?? 0);
  let before = 0;
  const matchers = backends.map(({ name, weight }) => {
    before += weight;
    return below(Math.round((before / total) * MILLION), name);
  });
  return {
    ...(matchers.length > 0 && { matcher_list: { matchers } }),
    on_no_match: to(last?.name ?? INVALID_CLUSTER),
  };
}

function to(cluster: string): OnMatch {
  return {
    action: { name: 'route', typed_config: anyOf('envoy.extensions.filters.udp.udp_proxy.v3.Route', { cluster }) },
  };
}

/** The matcher is true from a threshold on, so what is below one is its opposite. */
function below(threshold: number, cluster: string): FieldMatcher {
  const input = anyOf('envoy.extensions.matching.common_inputs.network.v3.SourcePortInput', {});
  const hashed = anyOf('envoy.extensions.matching.input_matchers.consistent_hashing.v3.ConsistentHashing', {
    threshold,
    modulo: MILLION,
  });
  return {
    predicate: {
      not_matcher: {
        single_predicate: {
          input: { name: 'source_port', typed_config: input },
          custom_match: { name: 'consistent_hashing', typed_config: hashed },
        },
      },
    },
    on_match: to(cluster),
  };
}
