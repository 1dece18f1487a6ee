import type { Metrics } from 'nekube/metrics';
import { type AdsServer, RESOURCE_TYPES } from 'nekube/xds';

/** Counts what is said between us and Envoys, by type of resource, as `listener`. */
export function countXds(server: AdsServer, metrics: Metrics): void {
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `nekube_xds_${name}`, help, labels: ['type'] });
  const acks = counter('acks_total', 'Answers of Envoys that took what they were sent.');
  const nacks = counter('nacks_total', 'Answers of Envoys that refused what they were sent.');
  const sent = counter('resources_sent_total', 'Resources that were sent to Envoys.');
  const removed = counter('resources_removed_total', 'Resources of which Envoys were told that they are gone.');
  const connections = metrics.counter({
    name: 'nekube_xds_connections_total',
    help: 'How often an Envoy has connected.',
    labels: [],
  });
  metrics.gauge({ name: 'nekube_xds_connected_nodes', help: 'Envoys that are connected.', labels: [] }, () => [
    [[], server.nodes().filter(({ isConnected }) => isConnected).length],
  ]);
  connections.add([], 0);
  server.on('connected', () => connections.add([]));
  server.on('sent', (_node, type, resources, gone) => {
    sent.add([shortOf(type)], resources);
    removed.add([shortOf(type)], gone);
  });
  server.on('acked', (_node, type) => acks.add([shortOf(type)]));
  server.on('nacked', (_node, type) => nacks.add([shortOf(type)]));
}

const SHORT: ReadonlyMap<string, string> = new Map(RESOURCE_TYPES.map(({ url, name }) => [url, name]));

function shortOf(url: string): string {
  return SHORT.get(url) ?? url;
}
