import type { HttpRoute, HttpRouting, VirtualHost } from '../../model/index.ts';
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
  readonly #exact = new Map<string, PathIndex>();
  /** By what is behind the star: `.example`. */
  readonly #wildcards = new Map<string, PathIndex>();
  #rest: PathIndex | undefined;
  /** Routes that no request gets, since an expression of theirs is none. */
  readonly bad: readonly BadRoute[];

  constructor(routing: HttpRouting) {
    const hosts = routing.virtualHosts.map((virtualHost) => ({ virtualHost, ...compileHost(virtualHost) }));
    this.bad = hosts.flatMap(({ bad }) => bad);
    for (const { virtualHost, index } of hosts) for (const domain of virtualHost.domains) this.#add(domain, index);
  }

  /** The route of a request; undefined: there is none, and the answer is 404. */
  route(request: RoutedRequest): HttpRoute | undefined {
    return this.#hostFor(request.host)?.find(request);
  }

  #add(domain: string, index: PathIndex): void {
    if (domain === '*') this.#rest = index;
    else if (domain.startsWith('*.')) this.#wildcards.set(domain.slice(1), index);
    else this.#exact.set(domain, index);
  }

  #hostFor(host: string): PathIndex | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    if (this.#wildcards.size > 0) {
      // the first dot of the host leaves the most; a wildcard stands for one character at least
      for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const index = this.#wildcards.get(host.slice(dot));
        if (index !== undefined) return index;
      }
    }
    return this.#rest;
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
