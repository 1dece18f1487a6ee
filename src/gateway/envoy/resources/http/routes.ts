import type { Any } from 'nekube/xds';
import type { ExternalAuth, Forward, HttpRoute, Mirror, WeightedBackend } from '../../../model/index.ts';
import { fractionalPercent } from '../fractions.ts';
import { duration, type Route, type RouteAction } from '../messages.ts';
import { type Choice, choicesOf } from './choices.ts';
import { corsPolicy } from './cors.ts';
import { externalAuthFilter, externalAuthOn } from './external-auth.ts';
import { FILTERS } from './filter-names.ts';
import { authorityOf, requestHeaderFields, responseHeaderFields } from './headers.ts';
import { redirectAction } from './redirect.ts';
import { retryPolicy } from './retry.ts';
import { pathRewrite } from './rewrite.ts';
import { routeMatch } from './route-match.ts';
import { settingsOfRoute } from './route-settings.ts';
import { sessionFilter } from './session.ts';

type Forwarding = Pick<Route, 'route' | 'redirect' | 'direct_response'>;

const made = new WeakMap<HttpRoute, { readonly domains: readonly string[]; readonly routes: readonly Route[] }>();

/**
 * Envoy's routes of one of ours: several where a backend needs one of its own, and one more for preflights of CORS, which do not
 * have the method that the route asks for. The same objects for the same route: a virtual host may have thousands, of which
 * one is new.
 *
 * @param domains of the virtual host
 */
export function routesOf(route: HttpRoute, domains: readonly string[]): readonly Route[] {
  const before = made.get(route);
  if (before && areSame(before.domains, domains)) return before.routes;
  const routes = withPreflights(route, actionsOf(route, domains));
  made.set(route, { domains, routes });
  return routes;
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some === others || (some.length === others.length && some.every((each, index) => each === others[index]));
}

function withPreflights({ match: { method } }: HttpRoute, routes: readonly Route[]): readonly Route[] {
  if (method === undefined || method === 'OPTIONS') return routes;
  if (!routes.some((each) => each.typed_per_filter_config?.[FILTERS.cors])) return routes;
  return [...routes, ...routes.map((each) => forPreflights(each, method))];
}

function actionsOf(route: HttpRoute, domains: readonly string[]): readonly Route[] {
  const match = routeMatch(route.match);
  const { action } = route;
  if (action.type === 'direct') {
    const body = action.body === undefined ? {} : { body: { inline_string: action.body } };
    return [{ name: route.name, match, direct_response: { status: action.statusCode, ...body }, ...around(route) }];
  }
  if (action.type === 'redirect') {
    return [{ name: route.name, match, redirect: redirectAction(action, route.match.path, domains), ...around(route) }];
  }
  const choices = choicesOf(action);
  return choices.map((choice, index) => ({
    name: choices.length === 1 ? route.name : `${route.name}/backend/${index}`,
    match: choice.upTo === undefined ? match : { ...match, runtime_fraction: upTo(choice.upTo) },
    ...forwarding(route, action, choice, domains),
    ...around(route, choice, action),
  }));
}

function upTo(numerator: number) {
  return { default_value: { numerator, denominator: 'MILLION' as const } };
}

/** What becomes of the requests of a choice; a status of gRPC is made of 503. */
function forwarding(route: HttpRoute, action: Forward, choice: Choice, domains: readonly string[]): Forwarding {
  const filters = choice.filters;
  if (filters?.redirect) return { redirect: redirectAction(filters.redirect, route.match.path, domains) };
  if (!choice.backends.some(({ backend }) => backend !== undefined)) {
    return { direct_response: { status: route.match.grpc ? 503 : 500 } };
  }
  const rewrite = { ...action.rewrite, ...filters?.rewrite };
  const host = rewrite.hostname ?? authorityOf(filters?.requestHeaders) ?? authorityOf(route.requestHeaders);
  const retry = retryPolicy(action);
  const mirrors = [...(route.mirrors ?? []), ...(filters?.mirrors ?? [])];
  return {
    route: {
      ...clusters(choice),
      ...pathRewrite(route.match.path, rewrite.path),
      ...(host && { host_rewrite_literal: host }),
      timeout: duration(action.requestTimeoutMs ?? 0),
      ...(retry && { retry_policy: retry }),
      ...(mirrors.length > 0 && { request_mirror_policies: mirrors.map(mirrorPolicy) }),
    },
  };
}

function clusters({ backends, filters }: Choice): RouteAction {
  const [only, ...others] = backends;
  if (only?.backend !== undefined && others.length === 0) return { cluster: only.backend };
  return { weighted_clusters: { clusters: backends.map((backend) => clusterWeight(backend, filters !== undefined)) } };
}

/** A backend among others; the filters of one alone are those of the route. */
function clusterWeight({ backend, weight, filters }: WeightedBackend, isAlone: boolean) {
  const host = filters?.rewrite?.hostname ?? authorityOf(filters?.requestHeaders);
  return {
    name: backend ?? '',
    weight,
    ...(!isAlone && {
      ...requestHeaderFields(filters?.requestHeaders),
      ...responseHeaderFields(filters?.responseHeaders),
      ...(host && { host_rewrite_literal: host }),
    }),
  };
}

function mirrorPolicy({ backend, fraction }: Mirror) {
  return {
    cluster: backend,
    ...(fraction && { runtime_fraction: { default_value: fractionalPercent(fraction) } }),
    disable_shadow_host_suffix_append: true,
  };
}

/** What happens before and after the action. */
function around(route: HttpRoute, choice?: Choice, action?: Forward): Route {
  const filters = choice?.filters;
  const perFilter: Record<string, Any> = { ...(route.settings && settingsOfRoute(route.settings)) };
  const cors = filters?.cors ?? route.cors;
  if (cors) perFilter[FILTERS.cors] = corsPolicy(cors);
  const auth = externalAuthOf(route, choice);
  if (auth) perFilter[externalAuthFilter(auth).name] = externalAuthOn();
  if (action?.sessionPersistence) perFilter[FILTERS.session] = sessionFilter(action.sessionPersistence);
  return {
    ...requestHeaderFields(filters?.requestHeaders, route.requestHeaders),
    ...responseHeaderFields(filters?.responseHeaders, route.responseHeaders),
    ...(Object.keys(perFilter).length > 0 && { typed_per_filter_config: perFilter }),
  };
}

function externalAuthOf(route: HttpRoute, choice?: Choice): ExternalAuth | undefined {
  return choice?.filters?.externalAuth ?? route.externalAuth;
}

function forPreflights(route: Route, method: string): Route {
  const headers = (route.match?.headers ?? []).filter(({ name }) => name !== ':method');
  const asked = [
    { name: ':method', string_match: { exact: 'OPTIONS' } },
    { name: 'access-control-request-method', string_match: { exact: method } },
    { name: 'origin', present_match: true },
  ];
  return { ...route, name: `${route.name}/preflight`, match: { ...route.match, headers: [...asked, ...headers] } };
}
