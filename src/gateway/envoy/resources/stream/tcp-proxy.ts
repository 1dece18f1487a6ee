import { anyOf } from 'nekube/xds';
import type { ClientSettings, StreamForward } from '../../../model/index.ts';
import { accessLogs } from '../http/access-logs.ts';
import { duration, type Extension } from '../messages.ts';
import { INVALID_CLUSTER } from './invalid-cluster.ts';

/** The filter that connects clients with backends. An endpoint that does not answer is not the only one that is tried. */
export function tcpProxy(stream: StreamForward, settings: ClientSettings = {}): Extension {
  const config = anyOf('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: stream.name,
    ...clusters(stream),
    idle_timeout: duration(stream.idleTimeoutMs ?? 3_600_000),
    max_connect_attempts: 3,
    ...(settings.maxConnectionDurationMs !== undefined && {
      max_downstream_connection_duration: duration(settings.maxConnectionDurationMs),
    }),
    ...accessLogs(settings.accessLogs, 'tcp'),
  });
  return { name: 'envoy.filters.network.tcp_proxy', typed_config: config };
}

function clusters({ backends }: StreamForward) {
  const clusters = weighted({ backends });
  if (clusters.length < 2) return { cluster: clusters[0]?.name ?? INVALID_CLUSTER };
  return { weighted_clusters: { clusters } };
}

/** The clusters of a stream with their weights, those of no weight left out. */
export function weighted({ backends }: Pick<StreamForward, 'backends'>): { name: string; weight: number }[] {
  return backends
    .filter(({ weight }) => weight > 0)
    .map(({ backend, weight }) => ({ name: backend ?? INVALID_CLUSTER, weight }));
}
