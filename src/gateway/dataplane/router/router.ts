import type { HttpRoute, HttpRouting, VirtualHost } from '../../model/index.ts';
import { DomainTable } from './domain-table.ts';
import { type BadRoute, PathIndex } from './path-index.ts';
import type { RoutedRequest } from './routed-request.ts';

/** What was made of a virtual host stays as long as the virtual host is the same object. */
const compiled = new WeakMap<VirtualHost, CompiledHost>();

interface CompiledHost {
  readonly index: PathIndex;
  readonly bad: readonly BadRoute[];
}

/**
 * A routing compiled: who answers a request, in time that does not grow with the routes. It agrees with the plain definition,
 * `matching/`, in every case; what the same model says again costs nothing to compile.
 */
export class Router {
  readonly #hosts = new DomainTable<PathIndex>();
  /** Routes that no request gets, since an expression of theirs is none. */
  readonly bad: readonly BadRoute[];

  constructor(routing: HttpRouting) {
    const hosts = routing.virtualHosts.map((virtualHost) => ({ virtualHost, ...compileHost(virtualHost) }));
    this.bad = hosts.flatMap(({ bad }) => bad);
    for (const { virtualHost, index } of hosts)
      for (const domain of virtualHost.domains) this.#hosts.set(domain, index);
  }

  /** The route of a request; undefined: there is none, and the answer is 404. */
  route(request: RoutedRequest): HttpRoute | undefined {
    return this.#hosts.get(request.host)?.find(request);
  }
}

function compileHost(virtualHost: VirtualHost): CompiledHost {
  const known = compiled.get(virtualHost);
  if (known !== undefined) return known;
  const bad: BadRoute[] = [];
  const index = new PathIndex(virtualHost.routes, (one) => bad.push(one));
  const host = { index, bad };
  compiled.set(virtualHost, host);
  return host;
}
