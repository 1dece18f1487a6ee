import type { HttpRoute } from '../../model/index.ts';
import { type Condition, conditionsOf } from './conditions.ts';
import type { RoutedRequest } from './routed-request.ts';

/** A route of a virtual host, and where it stands in its order. */
interface Entry {
  readonly order: number;
  readonly route: HttpRoute;
  readonly conditions: readonly Condition[];
}

/** A route that cannot be asked for, and why. */
export interface BadRoute {
  readonly route: HttpRoute;
  readonly message: string;
}

const NONE: readonly Entry[] = [];

/**
 * The routes of a virtual host, found by path: only those whose path may match are asked, in the order of the virtual host. So
 * a request costs what its path has in elements and the routes that share it, not what there are of routes.
 */
export class PathIndex {
  readonly #exact = new Map<string, Entry[]>();
  readonly #prefixes = new Map<string, Entry[]>();
  /** Prefixes of `/`, and expressions: those that every request may match. */
  readonly #any: Entry[] = [];
  /** Of the longest prefix: what is longer is not looked for. */
  #longestPrefix = 0;

  constructor(routes: readonly HttpRoute[], onBad: (bad: BadRoute) => void) {
    for (const [order, route] of routes.entries()) {
      try {
        this.#add({ order, route, conditions: conditionsOf(route.match) });
      } catch (error) {
        onBad({ route, message: (error as Error).message });
      }
    }
  }

  /** The first route that matches. */
  find(request: RoutedRequest): HttpRoute | undefined {
    const { path } = request;
    let best = firstOf(this.#any, request, undefined);
    best = firstOf(this.#exact.get(path) ?? NONE, request, best);
    if (this.#longestPrefix > 0) best = this.#underPrefixes(request, best);
    return best?.route;
  }

  #underPrefixes(request: RoutedRequest, found: Entry | undefined): Entry | undefined {
    const { path } = request;
    let best = found;
    let end = path.indexOf('/', 1);
    while (end !== -1 && end <= this.#longestPrefix) {
      const entries = this.#prefixes.get(path.slice(0, end));
      if (entries !== undefined) best = firstOf(entries, request, best);
      end = path.indexOf('/', end + 1);
    }
    if (path.length > this.#longestPrefix) return best;
    return firstOf(this.#prefixes.get(path) ?? NONE, request, best);
  }

  #add(entry: Entry): void {
    const { type, value } = entry.route.match.path;
    if (type === 'RegularExpression' || (type === 'PathPrefix' && value === '/')) {
      this.#any.push(entry);
      return;
    }
    const index = type === 'Exact' ? this.#exact : this.#prefixes;
    const there = index.get(value);
    if (there === undefined) index.set(value, [entry]);
    else there.push(entry);
    if (type === 'PathPrefix') this.#longestPrefix = Math.max(this.#longestPrefix, value.length);
  }
}

/** The first of the entries that matches, unless one that was found stands before it. */
function firstOf(entries: readonly Entry[], request: RoutedRequest, found: Entry | undefined): Entry | undefined {
  for (const entry of entries) {
    if (found !== undefined && entry.order > found.order) return found;
    if (matches(entry.conditions, request)) return entry;
  }
  return found;
}

function matches(conditions: readonly Condition[], request: RoutedRequest): boolean {
  for (const condition of conditions) if (!condition(request)) return false;
  return true;
}
