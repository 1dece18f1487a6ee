import type { ExternalAuth, HttpRoute, HttpRouting, VirtualHost } from '../../model/index.ts';
import { DomainTable } from './domain-table.ts';
import { type BadRoute, PathIndex } from './path-index.ts';
import type { RoutedRequest } from './routed-request.ts';

/** What was made of a virtual host stays as long as the virtual host is the same object. */
const compiled = new WeakMap<VirtualHost, CompiledHost>();

interface CompiledHost {
  readonly index: PathIndex;
  readonly externalAuths: readonly ExternalAuth[];
  readonly bad: readonly BadRoute[];
}

/**
 * A routing compiled: who answers a request, in time that does not grow with the routes. It agrees with the plain definition,
 * `matching/`, in every case; what the same model says again costs nothing to compile.
 */
export class Router {
  readonly #hosts = new DomainTable<CompiledHost>();
  /** Routes that no request gets, since an expression of theirs is none. */
  readonly bad: readonly BadRoute[];

  constructor(routing: HttpRouting) {
    const hosts = routing.virtualHosts.map((virtualHost) => ({ virtualHost, compiled: compileHost(virtualHost) }));
    this.bad = hosts.flatMap(({ compiled: { bad } }) => bad);
    for (const { virtualHost, compiled: host } of hosts)
      for (const domain of virtualHost.domains) this.#hosts.set(domain, host);
  }

  /** Who is asked of a request to a host before it has a route. */
  externalAuths(host: string): readonly ExternalAuth[] {
    return this.#hosts.get(host)?.externalAuths ?? [];
  }

  /** The route of a request; undefined: there is none, and the answer is 404. */
  route(request: RoutedRequest): HttpRoute | undefined {
    return this.#hosts.get(request.host)?.index.find(request);
  }
}

function compileHost(virtualHost: VirtualHost): CompiledHost {
  const known = compiled.get(virtualHost);
  if (known !== undefined) return known;
  const bad: BadRoute[] = [];
  const index = new PathIndex(virtualHost.routes, (one) => bad.push(one));
  const host = { index, bad, externalAuths: virtualHost.externalAuths ?? [] };
  compiled.set(virtualHost, host);
  return host;
}
