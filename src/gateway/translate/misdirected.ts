import { covers } from '../matching/index.ts';
import type { VirtualHost } from '../model/index.ts';
import type { ListenerPlan } from './listener-plan.ts';

/** With more others than these on a port, domains that have them all are listed instead: a whole list in each chain would be too long. */
const MAX_LISTED = 100;

/**
 * What chains of HTTPS answer for hosts that another listener of their port has: 421, so that a client opens a connection of its
 * own for them (RFC 9113, 9.1.2). What no listener has is left to 404.
 */
export class Misdirected {
  readonly #all: readonly ListenerPlan[];
  #wide: ReadonlyMap<string, readonly ListenerPlan[]> | undefined;

  /** Of the listeners of a port. */
  constructor(listeners: readonly ListenerPlan[]) {
    this.#all = listeners.filter(({ protocol }) => protocol === 'HTTPS');
  }

  /** What the chain of one of them has for the hosts of the others; `prefix` is that of names. */
  hostsOf(prefix: string, listener: ListenerPlan): VirtualHost[] {
    if (listener.protocol !== 'HTTPS') return [];
    const own = listener.hostname ?? '*';
    const others = this.#all.filter((other) => other !== listener);
    if (others.length > MAX_LISTED && own !== '*') {
      const below = others.filter(({ hostname }) => hostname !== undefined && covers(own, hostname));
      return [...below.map((other) => hostOf(prefix, other.hostname!, other)), ...this.#wideHosts(prefix, listener)];
    }
    return others
      .filter((other) => !isRedundant(other, listener, others))
      .map((other) => hostOf(prefix, other.hostname ?? '*', other));
  }

  /** Domains that have all hosts but those within the listener's own. */
  #wideHosts(prefix: string, listener: ListenerPlan): VirtualHost[] {
    this.#wide ??= widened(this.#all, Math.floor(MAX_LISTED ** 2 / this.#all.length));
    return [...this.#wide].flatMap(([domain, [first, second]]) => {
      const other = first === listener ? second : first;
      return other === undefined || covers(listener.hostname!, domain) ? [] : [hostOf(prefix, domain, other)];
    });
  }
}

/** As narrow domains as there can be so few of, with those that need them. */
function widened(all: readonly ListenerPlan[], most: number): Map<string, ListenerPlan[]> {
  for (let labels = MOST_LABELS; labels > 0; labels--) {
    const found = new Map<string, ListenerPlan[]>();
    for (const listener of all) {
      const domain = wider(listener.hostname ?? '*', labels);
      const those = found.get(domain);
      if (those === undefined) found.set(domain, [listener]);
      else those.push(listener);
    }
    if (found.size <= most && !found.has('*')) return found;
  }
  return new Map([['*', [...all]]]);
}

/** More of them are seldom. */
const MOST_LABELS = 6;

/** A domain itself, or what stands above it with so many labels. */
function wider(domain: string, labels: number): string {
  const all = domain.split('.');
  return all.length > labels ? `*.${all.slice(-labels).join('.')}` : domain;
}

/** A wider one says the same, and nothing of the chain's own is between them. */
function isRedundant(
  { hostname = '*' }: ListenerPlan,
  { hostname: own = '*' }: ListenerPlan,
  others: readonly ListenerPlan[],
): boolean {
  if (covers(own, hostname)) return false;
  return others.some(({ hostname: wider = '*' }) => wider !== hostname && covers(wider, hostname));
}

function hostOf(prefix: string, domain: string, { owner, name }: ListenerPlan): VirtualHost {
  const source = { kind: owner.kind, namespace: owner.namespace, name: owner.name, sectionName: name };
  return {
    name: `${prefix}/${domain}/misdirected`,
    domains: [domain],
    source,
    routes: [
      {
        name: `${prefix}/${domain}/misdirected`,
        source,
        match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
        action: { type: 'direct', statusCode: 421, body: 'Misdirected Request' },
      },
    ],
  };
}
