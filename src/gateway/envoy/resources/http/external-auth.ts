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

/**
 * Those that are asked before a route is chosen, in their order: the route is chosen anew by what they add. They cannot change the
 * host. Each place in the order has filters of its own, so that listeners of one port may ask the same in another order.
 */
export function earlyAuthFilters(auths: readonly ExternalAuth[]): readonly Extension[] {
  return auths.map((auth, index) => {
    const { source: _, ...asked } = auth;
    const name = instanceName('externalAuth', [index, asked]).replace(
      'ext_authz/',
      `ext_authz/before/${String(index).padStart(2, '0')}/`,
    );
    return { name, typed_config: filterConfig(auth, BEFORE_ROUTE) };
  });
}

/** What is changed by default may be anything but what a request is routed to a listener by. */
const BEFORE_ROUTE = { clear_route_cache: true, decoder_header_mutation_rules: {} } as const;

/** What turns it off for all routes that do not turn it on. */
export function externalAuthOff(): Any {
  return anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', { disabled: true });
}

/** What turns it on for a route. */
export function externalAuthOn(): Any {
  return anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', { check_settings: {} });
}

function filterConfig(auth: ExternalAuth, more: Partial<typeof BEFORE_ROUTE> = {}): Any {
  return anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
    ...more,
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
