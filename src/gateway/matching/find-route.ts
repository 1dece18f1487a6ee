import type { FilterChain, HttpRoute, HttpRouting, Listener, VirtualHost } from '../model/index.ts';
import { compareDomains, mostSpecific } from './domains.ts';
import { mismatchOf } from './mismatch.ts';
import type { RequestHead } from './request-head.ts';

/** The chain of a listener that takes a connection; `serverName` undefined: TLS without a name, or no TLS. */
export function chainFor(listener: Listener, serverName: string | undefined): FilterChain | undefined {
  const named = serverName === undefined ? undefined : mostSpecificOf(listener.chains, serverName);
  return named ?? listener.chains.find(({ serverNames }) => serverNames === undefined);
}

/** The virtual host of a host, in lower case and without a port. */
export function virtualHostFor(routing: HttpRouting, host: string): VirtualHost | undefined {
  let best: { readonly domain: string; readonly virtualHost: VirtualHost } | undefined;
  for (const virtualHost of routing.virtualHosts) {
    const domain = mostSpecific(virtualHost.domains, host);
    if (domain === undefined || (best !== undefined && compareDomains(domain, best.domain) >= 0)) continue;
    best = { domain, virtualHost };
  }
  return best?.virtualHost;
}

/** The first route that matches: the slow and plain way, that any other must agree with. */
export function routeFor(virtualHost: VirtualHost, head: RequestHead): HttpRoute | undefined {
  return virtualHost.routes.find(({ match }) => mismatchOf(match, head) === undefined);
}

function mostSpecificOf(chains: readonly FilterChain[], serverName: string): FilterChain | undefined {
  const domain = mostSpecific(
    chains.flatMap(({ serverNames }) => serverNames ?? []),
    serverName,
  );
  return domain === undefined ? undefined : chains.find(({ serverNames }) => serverNames?.includes(domain));
}
