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
import { splice, SpliceEnd } from './splice.ts';

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
  // what comes in TLS is no stream until it is read as one
  const end = cluster.connectOptions.tls === undefined ? new SpliceEnd() : undefined;
  const connecting = openConnection(host.address, host.port, {
    ...cluster.connectOptions,
    allowHalfOpen: true,
    ...(proxyProtocol !== undefined && { preface: proxyHeader(proxyProtocol, addressesOf(client)) }),
    ...(end !== undefined && { onread: end.onread }),
  });
  connecting.done.then(
    (upstream) => {
      if (client.destroyed) upstream.destroy();
      else if (upstream.destroyed) client.destroy();
      else join(client, { upstream, end }, forward.idleTimeoutMs ?? DEFAULT_IDLE_MS, plane.sweeper, host);
    },
    () => {
      cluster.report(host, undefined);
      const all = [...tried, host];
      if (all.length < MOST_TRIES && cluster.hasOther(all)) reach(client, cluster, forward, plane, all);
      else client.destroy();
    },
  );
}

interface Upstream {
  readonly upstream: Socket;
  readonly end: SpliceEnd | undefined;
}

/** What one says goes to the other, until both ended or are silent for too long. */
function join(client: Socket, { upstream, end }: Upstream, idleMs: number, sweeper: Sweeper, host: Host): void {
  host.active++;
  const idle: Expiring = {
    deadline: idleMs === 0 ? Number.POSITIVE_INFINITY : sweeper.now + idleMs,
    expire: () => {
      client.destroy();
      upstream.destroy();
    },
  };
  sweeper.add(idle);
  splice(client, upstream, end, idleMs === 0 ? () => {} : () => void (idle.deadline = sweeper.now + idleMs));
  upstream.once('close', () => {
    host.active--;
    sweeper.delete(idle);
  });
}
