import { anyOf, type Any } from 'nekube/xds';
import type { HttpRoute, HttpRouting, RouteSettings } from '../../../model/index.ts';
import type { Extension } from '../messages.ts';
import { compressorOff } from './compression.ts';
import { externalAuthOff } from './external-auth.ts';
import { filterInstances } from './filter-instances.ts';
import { FILTERS } from './filter-names.ts';

/**
 * What keeps filters idle that are on because a route may be chosen anew, by their names: the others are idle by themselves until
 * a route tells them something. Undefined where routes stay what they are.
 */
export function idleFilters(routing: HttpRouting): Readonly<Record<string, Any>> | undefined {
  if (!routing.virtualHosts.some(({ externalAuths }) => externalAuths !== undefined)) return undefined;
  const { externalAuth, compressor } = filterInstances(routing);
  return {
    [FILTERS.buffer]: anyOf('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { disabled: true }),
    ...Object.fromEntries(externalAuth.map(({ name }) => [name, externalAuthOff()])),
    ...Object.fromEntries(compressor.map(({ name }) => [name, compressorOff()])),
  };
}

const NEED_INITIAL_ROUTE = ['envoy.filters.http.basic_auth/', 'envoy.filters.http.api_key_auth/'];

/** Whether a filter cannot be kept idle by a route: it is only there for requests whose first route turns it on. */
export function needsInitialRoute({ name = '' }: Extension): boolean {
  return NEED_INITIAL_ROUTE.some((prefix) => name.startsWith(prefix));
}

/** What of a route's policies cannot be held where its listener asks before routes are chosen; it is closed there. */
export function heldByInitialRoute({ settings }: HttpRoute): (keyof RouteSettings)[] {
  return (['basicAuth', 'apiKeys'] as const).filter((key) => settings?.[key] !== undefined);
}
