import type { RunningServer } from 'nekube/apiserver';
import type { Client } from 'nekube/client';
import {
  type ClusterNetwork,
  type Gate,
  nodePrefixFor,
  openPodNetwork,
  type PodNetwork,
  type ServiceRoutingOptions,
  startClusterNetwork,
} from 'nekube/network';
import { FAKE_IMAGES } from 'nekube/node';
import { CliError, type Io, messageOf } from './io.ts';
import type { ServiceRouter } from './node-flags.ts';
import type { NodeOptions } from './node-options.ts';

/** Opens the network of pods. @throws CliError the mode that was asked for cannot be */
export async function openNetwork(
  { count, images, network, podRange }: NodeOptions,
  serviceRange: string | undefined,
): Promise<PodNetwork> {
  // what does not run needs no address that is reached
  const mode = images === FAKE_IMAGES ? (network ?? 'virtual') : network;
  try {
    return await openPodNetwork({
      ...(mode && { mode }),
      ...(serviceRange !== undefined && { serviceRange }),
      podRange,
      nodePrefix: nodePrefixFor(podRange, count),
    });
  } catch (cause) {
    throw new CliError(messageOf(cause), {
      hint: 'leave out --network, or give another; ranges are given by --cluster-cidr and --service-cluster-ip-range (docs/network.md)',
      cause,
    });
  }
}

/** What the network of services needs of the command. */
export interface ServicesPlace {
  readonly client: Client;
  readonly network: PodNetwork;
  readonly server: RunningServer;
  readonly serviceRange: string | undefined;
  readonly router: ServiceRouter;
  /** Lets connections in, where this program runs within namespaces of its own. */
  readonly gate: Gate | undefined;
  readonly io: Pick<Io, 'stderr'>;
}

/** Starts services and names. What goes wrong with one of them is told on stderr; the rest goes on. */
export async function runServices(place: ServicesPlace): Promise<ClusterNetwork> {
  const { client, network, server, serviceRange, router, gate, io } = place;
  const tell = (error: unknown): void => io.stderr(`nekube: ${messageOf(error)}\n`);
  const { hostname, port } = new URL(server.url);
  const host = ['0.0.0.0', '[::]'].includes(hostname) ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '');
  const apiServer = { host, port: Number(port || 443) };
  if (gate !== undefined) {
    await gate.publish(apiServer);
    io.stderr(`nekube: within namespaces of its own; ${server.url} and node ports are reached from outside\n`);
  }
  return startClusterNetwork({
    client,
    network,
    apiServer,
    ...(serviceRange !== undefined && { serviceRange }),
    ...(router === 'ebpf' && { routing: await byEbpf((text) => io.stderr(`nekube: ${text}\n`)) }),
    onError: tell,
    onNodePort: (at) => void gate?.publish(at).catch(tell),
  });
}

/** Where it cannot be, who is told why has the proxy. What it needs is loaded when it is asked for. */
async function byEbpf(onDecided: (sentence: string) => void) {
  const { startEbpfRouting } = await import('nekube/loadbalancer');
  return (options: ServiceRoutingOptions) => startEbpfRouting({ ...options, onDecided });
}
