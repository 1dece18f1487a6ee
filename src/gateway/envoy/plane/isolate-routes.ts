import type { HttpRoute, HttpRouting } from '../../model/index.ts';
import type { EnvoyResources } from '../resources/envoy-resources.ts';
import { connectionManager } from '../resources/http/connection-manager.ts';
import { routeConfiguration } from '../resources/http/virtual-hosts.ts';
import { staticBootstrap } from '../validation/static-bootstrap.ts';
import { validate } from '../validation/validate.ts';
import { findGuilty } from './find-guilty.ts';
import { insteadOf, type Instead } from './route-quarantine.ts';

/** A route that Envoy refuses. */
export interface GuiltyRoute {
  readonly error: string;
  readonly instead: Instead;
}

/** What is asked of Envoy, beside the one that serves. */
export interface IsolateOptions {
  readonly program: string;
  readonly folder: string;
  /** What filters of the routing may refer to. */
  readonly clusters: EnvoyResources['clusters'];
}

/** Which routes of a routing Envoy refuses, why, and what can be served instead. None, if it is not the routes. */
export async function isolateRoutes(
  routing: HttpRouting,
  options: IsolateOptions,
): Promise<ReadonlyMap<HttpRoute, GuiltyRoute>> {
  const refuses = (some: readonly HttpRoute[]) =>
    validate(options.program, staticBootstrap(alone(routing, some, options.clusters)), options.folder);
  const routes = routing.virtualHosts.flatMap((host) => host.routes);
  const guilty = new Map<HttpRoute, GuiltyRoute>();
  for (const [route, error] of await findGuilty(routes, refuses)) {
    const isTaken = (await refuses([insteadOf(route)])) === undefined;
    guilty.set(route, { error, instead: isTaken ? 'error' : 'nothing' });
  }
  return guilty;
}

/** A listener whose routes are these, with the filters of the whole routing. */
function alone(
  routing: HttpRouting,
  routes: readonly HttpRoute[],
  clusters: EnvoyResources['clusters'],
): EnvoyResources {
  const [first] = routing.virtualHosts;
  const host = first && { ...first, domains: ['*'], routes };
  const filter = connectionManager(routing, { listener: routing.name });
  const some = routeConfiguration({ name: routing.name, virtualHosts: host ? [host] : [] });
  const listener = {
    name: routing.name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [{ filters: [filter] }],
  };
  return {
    listeners: new Map([[routing.name, listener]]),
    routes: new Map([[routing.name, { ...some, validate_clusters: false }]]),
    clusters,
    endpoints: new Map(),
    secrets: new Map(),
  };
}
