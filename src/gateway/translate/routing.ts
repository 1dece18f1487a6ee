import type { HttpRoute, HttpRouting, VirtualHost } from '../model/index.ts';
import type { Hostnames } from './best-listener.ts';
import { compareText } from './gateway-plans.ts';
import type { ListenerPlan } from './listener-plan.ts';
import type { Misdirected } from './misdirected.ts';
import { reuse } from './reuse.ts';
import type { RouteTables } from './route-tables.ts';
import { sourceOf } from './sources.ts';

/** What a chain's virtual hosts are made of. */
export interface RoutingInput {
  /** Those of the chain. */
  readonly listeners: readonly ListenerPlan[];
  /** What is answered for hosts of others on the port. */
  readonly misdirected: Misdirected;
  /** Whose a domain is. */
  readonly hostnames: Hostnames<ListenerPlan>;
  readonly tables: RouteTables;
}

/** The virtual hosts of a chain: those that are its listeners' by hostname, and what misdirected requests get. */
export class RoutingBuilder {
  readonly #name: string;
  readonly #prefix: string;
  #routing: HttpRouting | undefined;

  /** `prefix` is that of the names of virtual hosts. */
  constructor(name: string, prefix: string) {
    this.#name = name;
    this.#prefix = prefix;
  }

  /** Makes all anew; what is equal is the same object as before. */
  build(input: RoutingInput): HttpRouting {
    const before = new Map(this.#routing?.virtualHosts.map((host) => [host.name, host]));
    const hosts: VirtualHost[] = [];
    for (const listener of input.listeners) {
      for (const domain of new Set([...input.tables.domainsOf(listener.id), ...ownDomain(listener)])) {
        if (input.hostnames.bestFor(domain) !== listener) continue;
        hosts.push(this.#virtualHost(domain, listener, input.tables, before.get(this.#nameOf(domain))));
      }
    }
    const [first] = input.listeners;
    const misdirected = first === undefined ? [] : input.misdirected.hostsOf(this.#prefix, first);
    for (const host of misdirected) hosts.push(reuse(before.get(host.name), host));
    return this.#keep(hosts.sort(byName));
  }

  /** Makes only these domains of listeners anew. */
  patch(input: RoutingInput, dirty: ReadonlyMap<string, ReadonlySet<string>>): HttpRouting {
    if (this.#routing === undefined) return this.build(input);
    const hosts = [...this.#routing.virtualHosts];
    for (const listener of input.listeners) {
      for (const domain of dirty.get(listener.id) ?? []) {
        if (input.hostnames.bestFor(domain) !== listener) continue;
        const at = placeOf(hosts, this.#nameOf(domain));
        const before = hosts[at]?.name === this.#nameOf(domain) ? hosts[at] : undefined;
        const isThere = input.tables.has(listener.id, domain) || ownDomain(listener).includes(domain);
        const now = isThere ? [this.#virtualHost(domain, listener, input.tables, before)] : [];
        hosts.splice(at, before === undefined ? 0 : 1, ...now);
      }
    }
    return this.#keep(hosts);
  }

  #keep(virtualHosts: readonly VirtualHost[]): HttpRouting {
    const before = this.#routing;
    if (before !== undefined && isSameList(before.virtualHosts, virtualHosts)) return before;
    this.#routing = { name: this.#name, virtualHosts };
    return this.#routing;
  }

  #nameOf(domain: string): string {
    return `${this.#prefix}/${domain}`;
  }

  #virtualHost(
    domain: string,
    listener: ListenerPlan,
    tables: RouteTables,
    before: VirtualHost | undefined,
  ): VirtualHost {
    const name = this.#nameOf(domain);
    const source = reuse(before?.source, sourceOf(listener));
    const auths = reuse(before?.externalAuths, listener.filters?.externalAuths ?? []);
    const routes: HttpRoute[] = [];
    if (listener.filters?.isClosed === true) routes.push(reuse(before?.routes[0], closed(name, source)));
    else for (const { route } of tables.entriesOf(listener.id, domain)) if (route !== undefined) routes.push(route);
    const isSameBefore = isSameList(before?.externalAuths ?? [], auths);
    if (before?.source === source && isSameBefore && isSameList(before.routes, routes)) return before;
    const externalAuths = auths.length === 0 ? {} : { externalAuths: auths };
    return { name, domains: before?.domains ?? [domain], source, ...externalAuths, routes };
  }
}

/** What must be asked before a route is chosen is not there: it is not skipped. */
function closed(host: string, source: HttpRoute['source']): HttpRoute {
  return {
    name: `${host}/closed`,
    source,
    match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
    action: { type: 'direct', statusCode: 500 },
  };
}

/**
 * A hostname of a listener is its own also without routes: what it has is not another listener's. Who asks before a route is
 * chosen asks of all hosts.
 */
function ownDomain({ hostname, filters }: ListenerPlan): readonly string[] {
  if (hostname !== undefined) return [hostname];
  return filters === undefined ? [] : ['*'];
}

function byName(a: VirtualHost, b: VirtualHost): number {
  return compareText(a.name, b.name);
}

/** Where a name is, or would be, in a sorted list. */
function placeOf(hosts: readonly VirtualHost[], name: string): number {
  let [low, high] = [0, hosts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hosts[middle]!.name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether two lists have the same objects. */
export function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
