import type { RunningServer, ServerOptions } from 'nekube/apiserver';
import { type Client, newClient } from 'nekube/client';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import type { Gate } from 'nekube/network';
import { FAKE_IMAGES, startNodes } from 'nekube/node';
import type { Pki } from 'nekube/pki';
import { openNetwork, runServices } from './cluster-network.ts';
import { type Io, messageOf } from './io.ts';
import type { NodeOptions } from './node-options.ts';
import { type NodeReach, servingOf } from './node-reach.ts';
import { runResourceMetrics } from './resource-metrics.ts';

/** Who watches pods and services for all nodes; what a node writes, it writes as itself. */
const IDENTITY = { user: 'system:nekube-nodes', groups: ['system:masters'] };
/** The group of nodes, by which the mode Node and the plugin NodeRestriction know them. */
const NODES_GROUP = 'system:nodes';
/** A second is promised from the signal to the end of all. */
const STOP_GRACE_MS = 300;
/** The controller that takes away the taint which nodes are born with. */
const UNTAINTS = 'node-lifecycle-controller';
const VERSION = 'v1.36.3';

/** What nodes run beside. */
export interface NodesPlace {
  readonly server: RunningServer;
  readonly pki: Pki;
  readonly io: Pick<Io, 'stderr'>;
  /** Where they keep what their pods have; undefined: in a folder that goes with them. */
  readonly dir: string | undefined;
  /** Whether the API server's objects outlive this process. */
  readonly isKept: boolean;
  /** Is told how pods are reached. */
  readonly reach: NodeReach | undefined;
  /** Where cluster IPs come from. */
  readonly serviceRange?: string;
  /** Lets connections in, where this program runs within namespaces of its own. */
  readonly gate: Gate | undefined;
  /** The controllers that run. */
  readonly controllers: readonly string[];
  /** The front proxy that the API server is; undefined: it is none, or shows no certificate that tells so. */
  readonly frontProxy: ServerOptions['frontProxy'];
}

/**
 * Runs nodes beside a server of this process, and says so. What goes wrong with a pod is told on stderr; the rest goes on.
 *
 * @returns stops them
 */
export async function runNodes(options: NodeOptions, place: NodesPlace): Promise<() => Promise<void>> {
  const { server, pki, io, controllers, reach } = place;
  const dir = place.dir ?? makeTemporaryFolder('nekube-nodes', true);
  const clientOf = (user: string, groups: readonly string[]): Client => {
    const { cert } = pki.issueClient({ user, groups: [...groups] });
    return newClient({ url: server.url, ...server.connect({ certificate: cert }) }, { fieldManager: 'kubelet' });
  };
  const { serviceRange, gate } = place;
  const network = await openNetwork(options, serviceRange);
  reach?.use(network);
  const client = clientOf(IDENTITY.user, IDENTITY.groups);
  const services =
    options.images === FAKE_IMAGES
      ? undefined
      : await runServices({ client, network, server, serviceRange, router: options.serviceRouter, gate, io });
  const nodes = await startNodes({
    names: Array.from({ length: options.count }, (_, i) => `node-${i + 1}`),
    client,
    clientFor: (node) => clientOf(`system:node:${node}`, [NODES_GROUP]),
    images: options.images,
    network,
    dir,
    version: VERSION,
    // what is no process says nothing, and takes no command
    ...(options.images !== FAKE_IMAGES && { serving: servingOf(pki) }),
    ...(!controllers.includes(UNTAINTS) && { untaints: client }),
    onError: (error, what) => io.stderr(`nekube: ${what}: ${messageOf(error)}\n`),
  });
  const metrics = await runResourceMetrics({
    client,
    pki,
    frontProxy: place.frontProxy,
    usage: () => nodes.usage(),
    resolutionMs: options.metricResolutionMs,
    areFake: options.images === FAKE_IMAGES,
    isKept: place.isKept,
  });
  const many = options.count === 1 ? '1 node' : `${options.count} nodes`;
  const addresses = `addresses of pods: ${network.mode} (${network.reason})`;
  io.stderr(`nekube: ${many}; ${options.images === FAKE_IMAGES ? 'their pods are no processes' : addresses}\n`);
  return async () => {
    await metrics();
    await nodes.stop(STOP_GRACE_MS);
    await services?.close();
    await network.close();
    await gate?.close();
    await client.close();
    if (place.dir === undefined) removeTemporaryFolder(dir);
  };
}
