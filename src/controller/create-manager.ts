import { type Client, type ConnectOptions, connect } from 'nekube/client';
import { Manager, type ManagerOptions } from './manager.ts';

/** How a manager is made that may connect by itself. */
export interface CreateManagerOptions extends Omit<ManagerOptions, 'client' | 'closesClient'> {
  /** Default: one that the manager makes, and closes when it ends. */
  readonly client?: Client;
  /** Which cluster, and as whom; default: as kubectl finds it, or in a pod the cluster that it runs in. */
  readonly connect?: ConnectOptions;
}

/** A manager on the cluster that is named, or found. Nothing is sent yet. @throws ParseError if the kubeconfig is wrong */
export async function createManager({ client, connect: to, ...options }: CreateManagerOptions = {}): Promise<Manager> {
  if (client !== undefined) return new Manager({ ...options, client });
  return new Manager({ ...options, client: await connect(to), closesClient: true });
}
