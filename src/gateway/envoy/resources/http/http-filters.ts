import { anyOf, type Any } from 'nekube/xds';
import { HTTP_FILTERS, type HttpFilterName } from '../../../model/filter-order.ts';
import type { ClientSettings, HttpRouting } from '../../../model/index.ts';
import type { Extension } from '../messages.ts';
import { answerHeaders, debugFilter } from './debug-headers.ts';
import { filterInstances } from './filter-instances.ts';
import { FILTERS } from './filter-names.ts';
import { headerOptions } from './headers.ts';
import { needsInitialRoute } from './idle-filters.ts';

/** A filter of a chain. */
export type HttpFilter = Extension & { readonly disabled?: boolean };

/**
 * The filters of a chain, in the order that all data planes have. Nearly all are off until a route turns them on.
 *
 * Which filters are off Envoy decides by the route that a request has when it comes. Where that may become another, they are on,
 * and do nothing by what {@link idleFilters} says: so what the final route asks for is done.
 */
export function httpFilters(routing: HttpRouting, settings: ClientSettings, altSvc?: string): readonly HttpFilter[] {
  const instances = filterInstances(routing);
  const isOff = instances.early.length === 0;
  const filters: Readonly<Record<HttpFilterName, readonly Extension[]>> = { ...STANDING, ...instances };
  const offUntilAsked = HTTP_FILTERS.flatMap((name) => filters[name]).map((filter) => ({
    ...filter,
    ...((isOff || needsInitialRoute(filter)) && { disabled: true }),
  }));
  const early = instances.early.map((filter) => ({ ...filter, disabled: true }));
  return [...answerFilters(routing.name, settings, altSvc), ...early, ...offUntilAsked, ROUTER];
}

const STANDING: Readonly<Record<keyof typeof FILTERS, readonly Extension[]>> = {
  fault: [{ name: FILTERS.fault, typed_config: anyOf('envoy.extensions.filters.http.fault.v3.HTTPFault', {}) }],
  cors: [{ name: FILTERS.cors, typed_config: anyOf('envoy.extensions.filters.http.cors.v3.Cors', {}) }],
  session: [
    {
      name: FILTERS.session,
      typed_config: anyOf('envoy.extensions.filters.http.stateful_session.v3.StatefulSession', {}),
    },
  ],
  buffer: [
    {
      name: FILTERS.buffer,
      typed_config: anyOf('envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: 4_294_967_295 }),
    },
  ],
  rbac: [{ name: FILTERS.rbac, typed_config: anyOf('envoy.extensions.filters.http.rbac.v3.RBAC', {}) }],
  localRateLimit: [
    {
      name: FILTERS.localRateLimit,
      typed_config: anyOf('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
        stat_prefix: 'http_local_rate_limiter',
      }),
    },
  ],
};

const ROUTER: Extension = {
  name: 'envoy.filters.http.router',
  typed_config: anyOf('envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }),
};

/** What answers say of how they came about, and of other ways to come here. */
function answerFilters(chain: string, { debugHeaders }: ClientSettings, altSvc: string | undefined): HttpFilter[] {
  return [...(debugHeaders ? [debugFilter(chain)] : []), ...(altSvc ? [answerHeaders({ 'alt-svc': altSvc })] : [])];
}

/** What is changed of a request before a route is chosen. */
export function earlyHeaderMutation(settings: ClientSettings): Extension | undefined {
  if (!settings.requestHeaders) return undefined;
  const { toAdd, toRemove } = headerOptions(settings.requestHeaders);
  if (toAdd.length + toRemove.length === 0) return undefined;
  const mutations = [...toRemove.map((remove) => ({ remove })), ...toAdd.map((append) => ({ append }))];
  const config: Any = anyOf('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
    mutations,
  });
  return { name: 'envoy.http.early_header_mutation.header_mutation', typed_config: config };
}
