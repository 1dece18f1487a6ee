import type { Client } from 'nekube/client';
import { type NodeServer, startNodeServer } from 'nekube/nodeserver';
import type { NodeAgent } from '../nodes/node-agent.ts';
import { hostOf } from './node-host.ts';

/** How nodes serve. */
export interface NodeServing {
  /** The serving certificate of a node and its key, PEM; by the CA that the API server verifies nodes with. */
  readonly certificateFor: (node: string, address: string) => { readonly cert: string; readonly key: string };
  /** PEM of who signs the certificates of clients. */
  readonly clientCa: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** Starts the server of a node at its address. @throws Error if it cannot listen there */
export function serveAgent(
  agent: NodeAgent,
  options: NodeServing & {
    readonly address: string;
    readonly client: Client;
    readonly onError: (error: unknown, what: string) => void;
  },
): Promise<NodeServer> {
  const { certificateFor, clientCa, port = 0, address, client, onError } = options;
  const { clock } = agent.parts;
  return startNodeServer({
    listen: { host: address, port },
    ...certificateFor(agent.name, address),
    clientCa,
    host: hostOf(agent),
    client,
    now: () => clock.now(),
    onError,
  });
}
