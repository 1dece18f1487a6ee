import { createHash } from 'node:crypto';

/**
 * The names by which routes say what filters do for them. All filters of this list are in every chain of HTTP, off until a
 * route turns one on: so a route that needs one changes no listener, and no connection.
 */
export const FILTERS = {
  fault: 'envoy.filters.http.fault',
  cors: 'envoy.filters.http.cors',
  session: 'envoy.filters.http.stateful_session',
  buffer: 'envoy.filters.http.buffer',
  rbac: 'envoy.filters.http.rbac',
  localRateLimit: 'envoy.filters.http.local_ratelimit',
} as const;

/**
 * Filters that need more than a route can say are in a chain once for each way in which its routes use them: they have the same
 * name if the same is asked of them.
 */
export function instanceName(filter: keyof typeof INSTANCES, asked: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 12);
  return `${INSTANCES[filter]}/${hash}`;
}

const INSTANCES = {
  externalAuth: 'envoy.filters.http.ext_authz',
  apiKey: 'envoy.filters.http.api_key_auth',
  basicAuth: 'envoy.filters.http.basic_auth',
  jwt: 'envoy.filters.http.jwt_authn',
  globalRateLimit: 'envoy.filters.http.ratelimit',
} as const;
