import type { FilterChain, StreamForward } from '../model/index.ts';
import type { Hostnames } from './best-listener.ts';
import { compareText } from './gateway-plans.ts';
import type { ListenerPlan } from './listener-plan.ts';
import { type RouteTables, setDefault } from './route-tables.ts';
import { sourceOf } from './sources.ts';

/** A chain for each route that has server names of a listener of TLS, TCP or UDP; what is its own and no route's is closed. */
export function streamChains(
  prefix: string,
  listener: ListenerPlan,
  hostnames: Hostnames<ListenerPlan>,
  tables: RouteTables,
): FilterChain[] {
  const byStream = new Map<StreamForward, string[]>();
  for (const domain of tables.domainsOf(listener.id)) {
    if (hostnames.bestFor(domain) !== listener) continue;
    const winner = tables.entriesOf(listener.id, domain)[0]?.stream;
    if (winner !== undefined) setDefault(byStream, winner, () => [] as string[]).push(domain);
  }
  const base = { source: sourceOf(listener), ...(listener.tls === undefined ? {} : { tls: listener.tls }) };
  const chains = [...byStream].flatMap(([stream, domains]): FilterChain[] => {
    const names = domains.filter((domain) => domain !== '*').sort(compareText);
    const name = `${prefix}/${stream.name}`;
    return [
      ...(names.length === 0 ? [] : [{ ...base, name, serverNames: names, stream }]),
      ...(domains.includes('*') ? [{ ...base, name: `${name}/rest`, stream }] : []),
    ];
  });
  const own = listener.hostname ?? '*';
  const taken = [...byStream.values()].some((domains) => domains.includes(own));
  if (taken || (chains.length > 0 && hostnames.broaderThan(own) === undefined)) return chains;
  const name = `${prefix}/none`;
  const stream = { name, source: base.source, backends: [] };
  return [...chains, { ...base, name, ...(own === '*' ? {} : { serverNames: [own] }), stream }];
}
