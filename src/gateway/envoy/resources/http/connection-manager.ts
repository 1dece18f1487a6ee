import { anyOf, type Any, type Message } from 'nekube/xds';
import type { ClientSettings, HttpRouting } from '../../../model/index.ts';
import { duration, type Extension, OVER_ADS } from '../messages.ts';
import { accessLogs } from './access-logs.ts';
import { earlyHeaderMutation, httpFilters } from './http-filters.ts';
import { tracing } from './tracing.ts';

type HttpConnectionManager =
  Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;

/** How a chain is reached. */
export interface ChainTransport {
  /** In statistics. */
  readonly listener: string;
  readonly isQuic?: boolean;
  /** What answers say of other ways to reach the same. */
  readonly altSvc?: string;
}

/** The filter that speaks HTTP with clients. Routes come by RDS, under the name of the routing. */
export function connectionManager(
  routing: HttpRouting,
  transport: ChainTransport,
  settings: ClientSettings = {},
): Extension {
  const { listener, isQuic = false, altSvc } = transport;
  const config: HttpConnectionManager = {
    codec_type: isQuic ? 'HTTP3' : 'AUTO',
    stat_prefix: listener,
    rds: { route_config_name: routing.name, config_source: OVER_ADS },
    http_filters: httpFilters(routing, settings, altSvc),
    ...protocols(settings, isQuic),
    ...clientAddress(settings),
    ...timeouts(settings),
    ...paths(settings),
    server_header_transformation: 'PASS_THROUGH',
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    ...accessLogs(settings.accessLogs, 'http'),
    ...(settings.tracing && { tracing: tracing(settings.tracing) }),
    ...(settings.maxRequestHeadersBytes !== undefined && {
      max_request_headers_kb: Math.ceil(settings.maxRequestHeadersBytes / 1024),
    }),
  };
  return { name: 'envoy.filters.network.http_connection_manager', typed_config: connectionManagerAny(config) };
}

function connectionManagerAny(config: HttpConnectionManager): Any {
  return anyOf('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', config);
}

function protocols({ http1, http2 }: ClientSettings, isQuic: boolean): HttpConnectionManager {
  return {
    ...(http1 && {
      http_protocol_options: {
        ...(http1.http10 && { accept_http_10: true }),
        ...(http1.http10?.defaultHost && { default_host_for_http_10: http1.http10.defaultHost }),
        ...(http1.preserveHeaderCase && { header_key_format: PRESERVED_CASE }),
      },
    }),
    http2_protocol_options: {
      max_concurrent_streams: http2?.maxConcurrentStreams ?? 100,
      initial_stream_window_size: http2?.streamWindowBytes ?? 65_536,
      initial_connection_window_size: http2?.connectionWindowBytes ?? 1_048_576,
    },
    ...(isQuic && { http3_protocol_options: {} }),
  };
}

const PRESERVED_CASE = {
  stateful_formatter: {
    name: 'preserve_case',
    typed_config: anyOf('envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig', {}),
  },
};

/** The peer is the client, unless proxies before it are trusted. */
function clientAddress({ clientAddress, ...settings }: ClientSettings): HttpConnectionManager {
  const mutation = earlyHeaderMutation(settings);
  return {
    ...(mutation && { early_header_mutation_extensions: [mutation] }),
    ...(clientAddress && 'header' in clientAddress
      ? { original_ip_detection_extensions: [byHeader(clientAddress)] }
      : { use_remote_address: true }),
    ...(clientAddress && 'trustedHops' in clientAddress && { xff_num_trusted_hops: clientAddress.trustedHops }),
  };
}

function byHeader({ header, required }: { readonly header: string; readonly required: boolean }): Extension {
  const config = anyOf('envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig', {
    header_name: header,
    allow_extension_to_set_address_as_trusted: true,
    ...(required && { reject_with_status: { code: 'Forbidden' } }),
  });
  return { name: 'envoy.http.original_ip_detection.custom_header', typed_config: config };
}

function timeouts(settings: ClientSettings): HttpConnectionManager {
  const { idleTimeoutMs, maxConnectionDurationMs, streamIdleTimeoutMs, requestTimeoutMs, requestHeadersTimeoutMs } =
    settings;
  return {
    common_http_protocol_options: {
      idle_timeout: duration(idleTimeoutMs ?? 3_600_000),
      ...(maxConnectionDurationMs !== undefined && { max_connection_duration: duration(maxConnectionDurationMs) }),
    },
    ...(streamIdleTimeoutMs !== undefined && { stream_idle_timeout: duration(streamIdleTimeoutMs) }),
    ...(requestTimeoutMs !== undefined && { request_timeout: duration(requestTimeoutMs) }),
    ...(requestHeadersTimeoutMs !== undefined && { request_headers_timeout: duration(requestHeadersTimeoutMs) }),
  };
}

const ESCAPED_SLASHES = {
  Keep: 'KEEP_UNCHANGED',
  Reject: 'REJECT_REQUEST',
  UnescapeAndForward: 'UNESCAPE_AND_FORWARD',
  UnescapeAndRedirect: 'UNESCAPE_AND_REDIRECT',
} as const;

function paths({ path }: ClientSettings): HttpConnectionManager {
  return {
    normalize_path: true,
    merge_slashes: path?.mergeSlashes ?? true,
    path_with_escaped_slashes_action: ESCAPED_SLASHES[path?.escapedSlashes ?? 'UnescapeAndRedirect'],
  };
}
