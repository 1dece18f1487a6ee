import { anyOf, type Any } from 'nekube/xds';
import type { Fault, RouteSettings } from '../../../model/index.ts';
import { percent } from '../fractions.ts';
import { duration } from '../messages.ts';
import { authorizationRules } from './authorization.ts';
import { compressorName, compressorOn } from './compression.ts';
import { apiKeyFilter, apiKeysOn, basicAuthFilter, basicAuthOn } from './credentials.ts';
import { FILTERS } from './filter-names.ts';
import { jwtFilter, jwtOn } from './jwt.ts';
import { globalRateLimitFilter, globalRateLimits, localRateLimits } from './rate-limits.ts';

/** What filters do for a route by its policies, by the names of the filters. */
export function settingsOfRoute(settings: RouteSettings): Readonly<Record<string, Any>> {
  const { fault, basicAuth, apiKeys, authorization, maxRequestBodyBytes, jwt } = settings;
  const { localRateLimits: local, globalRateLimits: global, compression } = settings;
  return {
    ...(fault && { [FILTERS.fault]: faultConfig(fault) }),
    ...(basicAuth && { [basicAuthFilter(basicAuth).name]: basicAuthOn(basicAuth) }),
    ...(apiKeys && { [apiKeyFilter().name]: apiKeysOn(apiKeys) }),
    ...(authorization && { [FILTERS.rbac]: authorizationRules(authorization) }),
    ...(maxRequestBodyBytes !== undefined && { [FILTERS.buffer]: bufferConfig(maxRequestBodyBytes) }),
    ...(local?.length && { [FILTERS.localRateLimit]: localRateLimits(local) }),
    ...(global && { [globalRateLimitFilter(global).name]: globalRateLimits(global.limits) }),
    ...(jwt && { [jwtFilter(jwt).name]: jwtOn() }),
    ...Object.fromEntries((compression ?? []).map((kind) => [compressorName(kind), compressorOn()])),
  };
}

function faultConfig({ delay, abort }: Fault): Any {
  return anyOf('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    ...(delay && { delay: { fixed_delay: duration(delay.ms), percentage: percent(delay.percent) } }),
    ...(abort && {
      abort: {
        ...(abort.grpcStatus === undefined
          ? { http_status: abort.httpStatus ?? 503 }
          : { grpc_status: abort.grpcStatus }),
        percentage: percent(abort.percent),
      },
    }),
  });
}

function bufferConfig(bytes: number): Any {
  return anyOf('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { buffer: { max_request_bytes: bytes } });
}
