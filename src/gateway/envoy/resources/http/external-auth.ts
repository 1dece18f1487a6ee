import { anyOf, type Any } from 'nekube/xds';
import type { ExternalAuth } from '../../../model/index.ts';
import { grpcService } from '../grpc-service.ts';
import type { Extension } from '../messages.ts';
import { instanceName } from './filter-names.ts';

/** A filter that asks another service; routes that ask the same in the same way share it. */
export function externalAuthFilter(auth: ExternalAuth): Extension {
  const { source: _, ...asked } = auth;
  return { name: instanceName('externalAuth', asked), typed_config: filterConfig(auth) };
}

/** What turns it on for a route. */
export function externalAuthOn(): Any {
  return anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', { check_settings: {} });
}

function filterConfig(auth: ExternalAuth): Any {
  return anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
    ...(auth.protocol === 'GRPC' ? overGrpc(auth) : overHttp(auth)),
    transport_api_version: 'V3',
    ...(auth.allowedHeaders && { allowed_headers: names(auth.allowedHeaders) }),
    ...(auth.forwardBodyBytes && {
      with_request_body: { max_request_bytes: auth.forwardBodyBytes, allow_partial_message: true },
    }),
    failure_mode_allow: false,
  });
}

function overGrpc({ backend }: ExternalAuth) {
  return { grpc_service: grpcService(backend, TIMEOUT) } as const;
}

function overHttp({ backend, path, allowedResponseHeaders }: ExternalAuth) {
  const prefix = path?.replace(/\/+$/, '');
  return {
    http_service: {
      server_uri: { uri: 'http://external-auth', cluster: backend, timeout: TIMEOUT },
      ...(prefix && { path_prefix: prefix }),
      ...(allowedResponseHeaders?.length && {
        authorization_response: { allowed_upstream_headers: names(allowedResponseHeaders) },
      }),
    },
  } as const;
}

const TIMEOUT = '10s';

function names(headers: readonly string[]) {
  return { patterns: headers.map((name) => ({ exact: name.toLowerCase(), ignore_case: true })) };
}
