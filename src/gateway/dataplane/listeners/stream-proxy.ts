import type { Socket } from 'node:net';
import type { StreamForward, WeightedBackend } from '../../model/index.ts';
import { WeightedSpread } from '../filters/spread.ts';
import type { Expiring, Sweeper } from '../http/sweeper.ts';
import type { PlaneContext } from '../proxy/context.ts';
import type { Cluster } from '../upstream/cluster.ts';
import { openConnection } from '../upstream/connect.ts';
import type { Host } from '../upstream/host.ts';
import { addressesOf, peerOf } from './peers.ts';
import { proxyHeader } from './proxy-header.ts';

const DEFAULT_IDLE_MS = 3_600_000;
const MOST_TRIES = 3;

const spreads = new WeakMap<StreamForward, WeightedSpread>();

/** The backend of the next connection, or of the next client's datagrams. */
export function nextBackend(forward: StreamForward): WeightedBackend | undefined {
  let spread = spreads.get(forward);
  if (spread === undefined) {
    spread = new WeightedSpread(forward.backends);
    spreads.set(forward, spread);
  }
  return spread.next();
}

/** Joins a client with an endpoint; if none takes the connection it ends. */
export function serveStream(client: Socket, forward: StreamForward, plane: PlaneContext): void {
  client.on('error', () => client.destroy());
  const backend = nextBackend(forward)?.backend;
  const cluster = backend === undefined ? undefined : plane.clusters.get(backend);
  if (cluster === undefined) client.destroy();
  else reach(client, cluster, forward, plane, []);
}

function reach(
  client: Socket,
  cluster: Cluster,
  forward: StreamForward,
  plane: PlaneContext,
  tried: readonly Host[],
): void {
  const { loadBalancing, proxyProtocol } = cluster.backend.settings ?? {};
  const hashKey = loadBalancing?.type === 'ConsistentHash' ? peerOf(client) : undefined;
  const host = cluster.choose({ tried, hashKey });
  if (host === undefined || client.destroyed) {
    client.destroy();
    return;
  }
  const connecting = openConnection(host.address, host.port, {
    ...cluster.connectOptions,
    allowHalfOpen: true,
    ...(proxyProtocol !== undefined && { preface: proxyHeader(proxyProtocol, addressesOf(client)) }),
  });
  connecting.done.then(
    (upstream) => {
      if (client.destroyed) upstream.destroy();
      else join(client, upstream, forward.idleTimeoutMs ?? DEFAULT_IDLE_MS, plane.sweeper, host);
    },
    () => {
      cluster.report(host, undefined);
      const all = [...tried, host];
      if (all.length < MOST_TRIES && cluster.hasOther(all)) reach(client, cluster, forward, plane, all);
      else client.destroy();
    },
  );
}

/** What one says goes to the other, no faster than that takes it; each may end its side first. */
function join(client: Socket, upstream: Socket, idleMs: number, sweeper: Sweeper, host: Host): void {
  host.active++;
  const idle: Expiring = {
    deadline: idleMs === 0 ? Number.POSITIVE_INFINITY : sweeper.now + idleMs,
    expire: () => {
      client.destroy();
      upstream.destroy();
    },
  };
  const touch = idleMs === 0 ? () => {} : () => void (idle.deadline = sweeper.now + idleMs);
  sweeper.add(idle);
  pass(client, upstream, touch);
  pass(upstream, client, touch);
  upstream.once('close', () => {
    host.active--;
    sweeper.delete(idle);
  });
}

function pass(from: Socket, to: Socket, touch: () => void): void {
  from.on('data', (chunk: Buffer) => {
    touch();
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('close', (broken: boolean) => (broken ? to.destroy() : to.destroySoon()));
  from.resume();
}
