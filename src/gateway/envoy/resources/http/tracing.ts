import { anyOf, type Message } from 'nekube/xds';
import type { Tracing } from '../../../model/index.ts';
import { grpcService } from '../grpc-service.ts';

type EnvoyTracing =
  Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing'>;

/** Spans of the requests of a listener. */
export function tracing({ provider, samplingPercent, spanName, tags }: Tracing): EnvoyTracing {
  return {
    random_sampling: { value: samplingPercent },
    spawn_upstream_span: true,
    ...(spanName !== undefined && { operation: spanName }),
    provider: providerOf(provider),
    ...(tags && {
      custom_tags: Object.entries(tags)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([tag, value]) => ({ tag, ...tagValue(value) })),
    }),
  };
}

function providerOf({ type, backend, serviceName, headers }: Tracing['provider']) {
  if (type === 'Zipkin') {
    const config = anyOf('envoy.config.trace.v3.ZipkinConfig', {
      collector_cluster: backend,
      collector_endpoint: '/api/v2/spans',
      collector_endpoint_version: 'HTTP_JSON',
    });
    return { name: 'envoy.tracers.zipkin', typed_config: config };
  }
  const config = anyOf('envoy.config.trace.v3.OpenTelemetryConfig', {
    grpc_service: {
      ...grpcService(backend, '0.250s'),
      ...(headers && { initial_metadata: headers.map(({ name, value }) => ({ key: name.toLowerCase(), value })) }),
    },
    service_name: serviceName,
  });
  return { name: 'envoy.tracers.opentelemetry', typed_config: config };
}

function tagValue(value: NonNullable<Tracing['tags']>[string]) {
  if ('literal' in value) return { literal: { value: value.literal } };
  if ('header' in value) return { request_header: { name: value.header.toLowerCase() } };
  if ('format' in value) return { value: value.format };
  return { environment: { name: value.environment } };
}
