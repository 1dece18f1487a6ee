import type { Message } from 'nekube/xds';
import type { Backend, HealthCheck, OutlierDetection } from '../../../model/index.ts';
import { duration } from '../messages.ts';

type EnvoyHealthCheck = Message<'envoy.config.core.v3.HealthCheck'>;
type EnvoyOutlierDetection = Message<'envoy.config.cluster.v3.OutlierDetection'>;

/** Whether what is asked can be, by what the backend speaks: gRPC goes over HTTP/2 alone. */
export function canCheck({ protocol, settings }: Backend): boolean {
  return settings?.healthCheck?.check.type !== 'GRPC' || protocol === 'H2C' || protocol === 'GRPC';
}

/** What endpoints are asked now and then. */
export function healthCheck({ check, source: _, ...times }: HealthCheck, backend: Backend): EnvoyHealthCheck {
  return {
    timeout: duration(times.timeoutMs),
    interval: duration(times.intervalMs),
    unhealthy_threshold: times.unhealthyThreshold,
    healthy_threshold: times.healthyThreshold,
    ...checker(check, backend),
  };
}

function checker(check: HealthCheck['check'], { protocol }: Backend): EnvoyHealthCheck {
  if (check.type === 'TCP') {
    const send = check.send === undefined ? {} : { send: payload(check.send) };
    const receive = check.receive === undefined ? {} : { receive: [payload(check.receive)] };
    return { tcp_health_check: { ...send, ...receive } };
  }
  if (check.type === 'GRPC')
    return { grpc_health_check: check.service === undefined ? {} : { service_name: check.service } };
  return {
    http_health_check: {
      path: check.path,
      ...(check.hostname !== undefined && { host: check.hostname }),
      ...(check.method !== undefined && { method: check.method as 'GET' }),
      ...(check.expectedStatuses?.length && {
        expected_statuses: check.expectedStatuses.map((status) => ({ start: status, end: status + 1 })),
      }),
      ...((protocol === 'H2C' || protocol === 'GRPC') && { codec_client_type: 'HTTP2' }),
    },
  };
}

/** Envoy reads text as hexadecimal. */
function payload(text: string) {
  return { text: Buffer.from(text).toString('hex') };
}

/** When an endpoint is left out for a while, without being asked. */
export function outlierDetection(outliers: OutlierDetection): EnvoyOutlierDetection {
  const { intervalMs, baseEjectionMs, maxEjectionPercent } = outliers;
  const { consecutive5xx, consecutiveGatewayErrors, consecutiveLocalOriginFailures } = outliers;
  return {
    ...(intervalMs !== undefined && { interval: duration(intervalMs) }),
    ...(baseEjectionMs !== undefined && { base_ejection_time: duration(baseEjectionMs) }),
    ...(maxEjectionPercent !== undefined && { max_ejection_percent: maxEjectionPercent }),
    ...(consecutive5xx !== undefined && { consecutive_5xx: consecutive5xx }),
    ...(consecutiveGatewayErrors !== undefined && {
      consecutive_gateway_failure: consecutiveGatewayErrors,
      enforcing_consecutive_gateway_failure: 100,
    }),
    ...(consecutiveLocalOriginFailures !== undefined && {
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: consecutiveLocalOriginFailures,
    }),
  };
}
