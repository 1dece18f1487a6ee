import type { RunningServer } from 'nekube/apiserver';
import type { Client } from 'nekube/client';
import { type ClusterNetwork, type Gate, openPodNetwork, type PodNetwork, startClusterNetwork } from 'nekube/network';
import { FAKE_IMAGES } from 'nekube/node';
import { CliError, type Io, messageOf } from './io.ts';
import type { NodeOptions } from './node-options.ts';

/** So many nodes the usual range of pods is enough for. */
const USUAL_NODES = 255;
/** A larger one, for 4,096. */
const LARGE_RANGE = '10.240.0.0/12';

/** Opens the network of pods. @throws CliError the mode that was asked for cannot be */
export async function openNetwork(
  { count, images, network }: NodeOptions,
  serviceRange: string | undefined,
): Promise<PodNetwork> {
  // what does not run needs no address that is reached
  const mode = images === FAKE_IMAGES ? (network ?? 'virtual') : network;
  try {
    return await openPodNetwork({
      ...(mode && { mode }),
      ...(serviceRange !== undefined && { serviceRange }),
      ...(count > USUAL_NODES && { podRange: LARGE_RANGE }),
    });
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'leave out --network, or give another (docs/network.md)', cause });
  }
}

/** What the network of services needs of the command. */
export interface ServicesPlace {
  readonly client: Client;
  readonly network: PodNetwork;
  readonly server: RunningServer;
  readonly serviceRange: string | undefined;
  /** Lets connections in, where this program runs within namespaces of its own. */
  readonly gate: Gate | undefined;
  readonly io: Pick<Io, 'stderr'>;
}

/** Starts services and names. What goes wrong with one of them is told on stderr; the rest goes on. */
export async function runServices(place: ServicesPlace): Promise<ClusterNetwork> {
  const { client, network, server, serviceRange, gate, io } = place;
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
    onError: tell,
    onNodePort: (at) => void gate?.publish(at).catch(tell),
  });
}
