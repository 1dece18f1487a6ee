import type { HttpRoute, HttpRouting, VirtualHost } from '../../../model/index.ts';
import { memo, memoList } from '../memo.ts';
import type { Route, RouteConfiguration, VirtualHost as EnvoyVirtualHost } from '../messages.ts';
import { earlyAuthFilters, externalAuthOn } from './external-auth.ts';
import { heldByInitialRoute, idleFilters } from './idle-filters.ts';
import { DEFAULT_RETRY } from './retry.ts';
import { routesOf } from './routes.ts';

/** A virtual host. The same object for the same one, so that it is encoded once. */
export const virtualHost = memo(({ name, domains, routes, externalAuths }: VirtualHost): EnvoyVirtualHost => {
  if (externalAuths === undefined) {
    return { name, domains, routes: routes.flatMap((route) => routesOf(route, domains)), retry_policy: DEFAULT_RETRY };
  }
  return {
    name,
    domains,
    routes: [...routes.flatMap((route) => routesOf(closedIfUnheld(route), domains)), none(name)],
    retry_policy: DEFAULT_RETRY,
    typed_per_filter_config: Object.fromEntries(
      earlyAuthFilters(externalAuths).map((filter) => [filter.name, externalAuthOn()]),
    ),
  };
});

const virtualHosts = memoList(virtualHost);

/** Who asks before a route is chosen asks also where there is none: then what is added may lead to one. */
function none(host: string): Route {
  return { name: `${host}/none`, match: { prefix: '/' }, direct_response: { status: 404 } };
}

const closedIfUnheld = memo((route: HttpRoute): HttpRoute => {
  if (heldByInitialRoute(route).length === 0) return route;
  const { name, source, match } = route;
  return { name, source, match, action: { type: 'direct', statusCode: 500 } };
});

/** The routes of a chain. A port in the authority is not looked at. */
export const routeConfiguration = memo((routing: HttpRouting): RouteConfiguration => {
  const idle = idleFilters(routing);
  return {
    name: routing.name,
    virtual_hosts: virtualHosts(routing.virtualHosts),
    ignore_port_in_host_matching: true,
    ...(idle && { typed_per_filter_config: idle }),
  };
});
