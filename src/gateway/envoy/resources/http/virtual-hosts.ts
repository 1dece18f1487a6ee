import type { HttpRouting, VirtualHost } from '../../../model/index.ts';
import { memo } from '../memo.ts';
import type { RouteConfiguration, VirtualHost as EnvoyVirtualHost } from '../messages.ts';
import { DEFAULT_RETRY } from './retry.ts';
import { routesOf } from './routes.ts';

/** A virtual host. The same object for the same one, so that it is encoded once. */
export const virtualHost = memo(({ name, domains, routes }: VirtualHost): EnvoyVirtualHost => {
  return { name, domains, routes: routes.flatMap((route) => routesOf(route, domains)), retry_policy: DEFAULT_RETRY };
});

/** The routes of a chain. A port in the authority is not looked at. */
export const routeConfiguration = memo(({ name, virtualHosts }: HttpRouting): RouteConfiguration => {
  return { name, virtual_hosts: virtualHosts.map(virtualHost), ignore_port_in_host_matching: true };
});
