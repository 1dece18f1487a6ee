import type { ExternalAuth, HttpRoute, HttpRouting, VirtualHost } from '../../../model/index.ts';
import { memo, memoList } from '../memo.ts';
import type { Extension } from '../messages.ts';
import { compressorFilter } from './compression.ts';
import { apiKeyFilter, basicAuthFilter } from './credentials.ts';
import { earlyAuthFilters, externalAuthFilter } from './external-auth.ts';
import { jwtFilter } from './jwt.ts';
import { globalRateLimitFilter } from './rate-limits.ts';

/** Filters that are in a chain because its routes need them, by their kind, sorted by name. */
export interface FilterInstances {
  /** Before a route is chosen; their names begin with their places. */
  readonly early: readonly Extension[];
  readonly externalAuth: readonly Extension[];
  readonly apiKey: readonly Extension[];
  readonly basicAuth: readonly Extension[];
  readonly jwt: readonly Extension[];
  readonly globalRateLimit: readonly Extension[];
  readonly compressor: readonly Extension[];
}

/** What the routes of a chain need. */
export function filterInstances({ virtualHosts }: HttpRouting): FilterInstances {
  const all = instancesOfAll(virtualHosts).filter((each) => each !== NONE);
  const union = (kind: keyof FilterInstances) => distinct(all.flatMap((each) => each[kind]));
  return {
    early: union('early'),
    externalAuth: union('externalAuth'),
    apiKey: union('apiKey'),
    basicAuth: union('basicAuth'),
    jwt: union('jwt'),
    globalRateLimit: union('globalRateLimit'),
    compressor: union('compressor'),
  };
}

const NONE: FilterInstances = {
  early: [],
  externalAuth: [],
  apiKey: [],
  basicAuth: [],
  jwt: [],
  globalRateLimit: [],
  compressor: [],
};

const instancesOf = memo(({ routes: all, externalAuths: early }: VirtualHost): FilterInstances => {
  const routes = all.filter(mayNeed);
  if (routes.length === 0 && early === undefined) return NONE;
  const settings = routes.flatMap((route) => route.settings ?? []);
  const auths = routes.flatMap(externalAuths);
  return {
    early: earlyAuthFilters(early ?? []),
    externalAuth: auths.map(externalAuthFilter),
    apiKey: settings.flatMap(({ apiKeys }) => (apiKeys ? [apiKeyFilter()] : [])),
    basicAuth: settings.flatMap(({ basicAuth }) => (basicAuth ? [basicAuthFilter(basicAuth)] : [])),
    jwt: settings.flatMap(({ jwt }) => (jwt ? [jwtFilter(jwt)] : [])),
    globalRateLimit: settings.flatMap(({ globalRateLimits: limits }) =>
      limits ? [globalRateLimitFilter(limits)] : [],
    ),
    compressor: settings.flatMap(({ compression }) => (compression ?? []).map(compressorFilter)),
  };
});

const instancesOfAll = memoList(instancesOf);

function mayNeed({ settings, externalAuth, action }: HttpRoute): boolean {
  if (settings !== undefined || externalAuth !== undefined) return true;
  return action.type === 'forward' && action.backends.some(({ filters }) => filters?.externalAuth !== undefined);
}

function externalAuths({ externalAuth, action }: HttpRoute): ExternalAuth[] {
  const ofBackends = action.type === 'forward' ? action.backends.map(({ filters }) => filters?.externalAuth) : [];
  return [externalAuth, ...ofBackends].filter((auth) => auth !== undefined);
}

function distinct(filters: readonly Extension[]): readonly Extension[] {
  const byName = new Map(filters.map((filter) => [filter.name, filter]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
