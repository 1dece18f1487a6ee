import { anyOf, type Any, type Message } from 'nekube/xds';
import type { Backend, BackendSettings } from '../../../model/index.ts';
import { type Cluster, duration, type Extension, OVER_ADS } from '../messages.ts';
import { upstreamTls } from '../tls/upstream-tls.ts';
import { canCheck, healthCheck, outlierDetection } from './health.ts';
import { loadBalancingPolicy } from './load-balancing.ts';

type HttpProtocolOptions = Message<'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'>;

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** A backend as a cluster: its endpoints come by EDS, or are those of a name that Envoy resolves. */
export function clusterOf(backend: Backend, systemCa: string): Cluster {
  const settings = backend.settings ?? {};
  return {
    name: backend.name,
    ...discovery(backend),
    connect_timeout: duration(settings.connectTimeoutMs ?? 10_000),
    per_connection_buffer_limit_bytes: settings.bufferBytes ?? 32_768,
    load_balancing_policy: loadBalancingPolicy(settings),
    // One percent is the least there is: as long as one endpoint is healthy, those that drain get nothing.
    common_lb_config: { healthy_panic_threshold: { value: 1 } },
    circuit_breakers: circuitBreakers(settings),
    ignore_health_on_host_removal: true,
    ...protocolOptions(backend),
    ...transportSocket(backend, systemCa),
    ...(settings.healthCheck && canCheck(backend) && { health_checks: [healthCheck(settings.healthCheck, backend)] }),
    ...(settings.outlierDetection && { outlier_detection: outlierDetection(settings.outlierDetection) }),
    ...(settings.tcpKeepalive && { upstream_connection_options: { tcp_keepalive: keepalive(settings.tcpKeepalive) } }),
  };
}

function discovery({ name, endpoints, hostname }: Backend): Cluster {
  if (hostname === undefined) {
    return { type: 'EDS', eds_cluster_config: { eds_config: OVER_ADS, service_name: endpoints ?? name } };
  }
  const address = { socket_address: { address: hostname.name, port_value: hostname.port } };
  return {
    type: 'STRICT_DNS',
    dns_lookup_family: 'V4_PREFERRED',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address, hostname: hostname.name } }] }],
    },
  };
}

/** Envoy's own limits, but for retries, of which it allows three at a time. */
function circuitBreakers({ circuitBreaker: limits = {}, retryBudget }: BackendSettings): Cluster['circuit_breakers'] {
  return {
    thresholds: [
      {
        max_retries: limits.maxRetries ?? 1024,
        ...(retryBudget && { retry_budget: budgetOf(retryBudget) }),
        ...(limits.maxConnections !== undefined && { max_connections: limits.maxConnections }),
        ...(limits.maxPendingRequests !== undefined && { max_pending_requests: limits.maxPendingRequests }),
        ...(limits.maxRequests !== undefined && { max_requests: limits.maxRequests }),
      },
    ],
  };
}

/** Envoy counts what is open at once: what a second may have stands for it. */
function budgetOf({ percent, minimum }: NonNullable<BackendSettings['retryBudget']>) {
  const perSecond = Math.ceil((minimum.count * 1000) / minimum.intervalMs);
  return { budget_percent: { value: percent }, min_retry_concurrency: Math.max(1, perSecond) };
}

function protocolOptions({ protocol, settings = {} }: Backend): Cluster {
  if (protocol === 'TCP' || protocol === 'UDP') return {};
  const options: HttpProtocolOptions = {
    ...commonOptions(settings),
    explicit_http_config:
      protocol === 'H2C' || protocol === 'GRPC'
        ? { http2_protocol_options: http2Options(settings) }
        : { http_protocol_options: {} },
  };
  return { typed_extension_protocol_options: { [HTTP_OPTIONS]: anyOf(HTTP_OPTIONS, options) } };
}

function commonOptions(settings: BackendSettings): HttpProtocolOptions {
  const common = {
    ...(settings.idleTimeoutMs !== undefined && { idle_timeout: duration(settings.idleTimeoutMs) }),
    ...(settings.maxConnectionDurationMs !== undefined && {
      max_connection_duration: duration(settings.maxConnectionDurationMs),
    }),
    ...(settings.maxRequestsPerConnection !== undefined && {
      max_requests_per_connection: settings.maxRequestsPerConnection,
    }),
  };
  return Object.keys(common).length > 0 ? { common_http_protocol_options: common } : {};
}

function http2Options({ http2 }: BackendSettings) {
  return {
    ...(http2?.maxConcurrentStreams !== undefined && { max_concurrent_streams: http2.maxConcurrentStreams }),
    initial_stream_window_size: http2?.streamWindowBytes ?? 65_536,
    initial_connection_window_size: http2?.connectionWindowBytes ?? 1_048_576,
  };
}

function transportSocket({ tls, protocol, settings }: Backend, systemCa: string): Cluster {
  const inner = tls && upstreamTls(tls, protocol, systemCa);
  const version = settings?.proxyProtocol;
  if (version === undefined) return inner ? { transport_socket: inner } : {};
  const config: Any = anyOf('envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
    config: { version },
    transport_socket: inner ?? RAW,
  });
  return { transport_socket: { name: 'envoy.transport_sockets.upstream_proxy_protocol', typed_config: config } };
}

const RAW: Extension = {
  name: 'envoy.transport_sockets.raw_buffer',
  typed_config: anyOf('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
};

function keepalive({ probes, idleMs, intervalMs }: NonNullable<BackendSettings['tcpKeepalive']>) {
  return {
    ...(probes !== undefined && { keepalive_probes: probes }),
    ...(idleMs !== undefined && { keepalive_time: Math.ceil(idleMs / 1000) }),
    ...(intervalMs !== undefined && { keepalive_interval: Math.ceil(intervalMs / 1000) }),
  };
}
