import { covers } from '../matching/index.ts';
import type { VirtualHost } from '../model/index.ts';
import type { ListenerPlan } from './listener-plan.ts';

/** With more listeners than these on a port, hosts of none are answered with 421 as well: a list in each chain would be too long. */
const MAX_LISTED = 100;

/**
 * What a chain of HTTPS answers for hosts that another listener of its port has: 421, so that a client opens a connection of its
 * own for them (RFC 9113, 9.1.2). What no listener has is left to 404.
 */
export function misdirectedHosts(prefix: string, listener: ListenerPlan, all: readonly ListenerPlan[]): VirtualHost[] {
  const own = listener.hostname ?? '*';
  const others = all.filter((other) => other !== listener);
  if (others.length > MAX_LISTED && own !== '*') {
    const below = others.filter(({ hostname }) => hostname !== undefined && covers(own, hostname));
    return [...below.map((other) => hostOf(prefix, other.hostname ?? '*', other)), hostOf(prefix, '*', others[0]!)];
  }
  return others
    .filter((other) => !isRedundant(other, listener, others))
    .map((other) => hostOf(prefix, other.hostname ?? '*', other));
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
