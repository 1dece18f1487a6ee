import type { GatewayConfig, GatewayModel, HttpRoute, HttpRouting, VirtualHost } from '../../model/index.ts';
import { memo } from '../resources/memo.ts';

/** What a route is served as that Envoy does not take: an error for what it matches, or, if that is the matter, not at all. */
export type Instead = 'error' | 'nothing';

/**
 * Routes that Envoy refuses, by which a RouteConfiguration would be refused as a whole, and with it every change of another
 * route. A model without them is served. They are known as objects, so a route that was changed is tried again.
 */
export class RouteQuarantine {
  readonly #instead = new WeakMap<HttpRoute, Instead>();
  #routing = memo((routing: HttpRouting) => this.#routingWithout(routing));
  #hasAny = false;

  /** The next models have these otherwise. */
  add(routes: ReadonlyMap<HttpRoute, Instead>): void {
    for (const [route, instead] of routes) this.#instead.set(route, instead);
    if (routes.size === 0) return;
    this.#hasAny = true;
    this.#routing = memo((routing: HttpRouting) => this.#routingWithout(routing));
  }

  /** The model as it can be served; itself, if that is all of it. */
  apply(model: GatewayModel): GatewayModel {
    if (!this.#hasAny) return model;
    const gateways = sameOr(model.gateways, (gateway) => this.#gateway(gateway));
    return gateways === model.gateways ? model : { ...model, gateways };
  }

  /** Whether a route is served otherwise. */
  has(route: HttpRoute): boolean {
    return this.#instead.has(route);
  }

  #gateway(gateway: GatewayConfig): GatewayConfig {
    const listeners = sameOr(gateway.listeners, (listener) => {
      const chains = sameOr(listener.chains, (chain) => {
        const http = chain.http && this.#routing(chain.http);
        return http === undefined || http === chain.http ? chain : { ...chain, http };
      });
      return chains === listener.chains ? listener : { ...listener, chains };
    });
    return listeners === gateway.listeners ? gateway : { ...gateway, listeners };
  }

  #routingWithout(routing: HttpRouting): HttpRouting {
    const virtualHosts = sameOr(routing.virtualHosts, (host) => this.#virtualHost(host));
    return virtualHosts === routing.virtualHosts ? routing : { ...routing, virtualHosts };
  }

  #virtualHost(host: VirtualHost): VirtualHost {
    if (!host.routes.some((route) => this.#instead.has(route))) return host;
    const routes = host.routes.flatMap((route) => {
      const instead = this.#instead.get(route);
      if (instead === undefined) return [route];
      return instead === 'nothing' ? [] : [insteadOf(route)];
    });
    return { ...host, routes };
  }
}

/** What is matched is answered with an error, and nothing of it goes elsewhere. */
export function insteadOf({ name, source, match }: HttpRoute): HttpRoute {
  return { name, source, match, action: { type: 'direct', statusCode: 500 } };
}

/** The list itself, if nothing in it became something else. */
function sameOr<T>(list: readonly T[], map: (each: T) => T): readonly T[] {
  const mapped = list.map(map);
  return mapped.every((each, index) => each === list[index]) ? list : mapped;
}
