import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, connect, type ConnectOptions, isConnectionError } from 'nekube/client';
import type { ClusterFlags, NamespaceFlags } from './cluster-flags.ts';
import { CliError, type Io, messageOf } from './io.ts';
import { printable } from './printable.ts';

/**
 * Connects to the cluster that the flags name, hands the client to `use`, and closes it. Warnings of the server go to
 * stderr, as kubectl shows them; all, or those that are to be told.
 *
 * @throws CliError when the kubeconfig cannot be used, and when the server does not answer
 */
export async function withCluster<T>(
  flags: NamespaceFlags,
  io: Io,
  use: (client: Client) => Promise<T>,
  isTold: (warning: string) => boolean = () => true,
): Promise<T> {
  const client = await connected(flags, io, isTold);
  try {
    return await use(client);
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    const hint = 'see that the server is up, and is the one that is meant: --kubeconfig FILE, --context NAME';
    throw new CliError(error.message, { hint, cause: error });
  } finally {
    await client.close();
  }
}

async function connected(flags: NamespaceFlags, io: Io, isTold: (warning: string) => boolean): Promise<Client> {
  const { kubeconfig, context, namespace } = flags;
  const options: ConnectOptions = {
    env: io.env,
    onWarning: (text) => {
      if (isTold(text)) io.stderr(`Warning: ${printable(text)}\n`);
    },
    ...(kubeconfig !== undefined && { kubeconfig: resolve(io.cwd, kubeconfig) }),
    ...(context !== undefined && { context }),
  };
  try {
    const client = await connect(options);
    return namespace === undefined ? client : client.with({ defaultNamespace: namespace });
  } catch (error) {
    throw connectError(error, flags, io);
  }
}

/** The kubeconfig that `nekube up` writes, unless it is told otherwise. */
const OWN_KUBECONFIG = '.nekube/kubeconfig';

/** Why there is no cluster to connect to, for a command with the usual flags. */
export function connectError(
  cause: unknown,
  { kubeconfig, context }: ClusterFlags,
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
): CliError {
  const isUnsaid = kubeconfig === undefined && context === undefined && !env.KUBECONFIG;
  const hint =
    isUnsaid && existsSync(resolve(cwd, OWN_KUBECONFIG))
      ? `export KUBECONFIG=$PWD/${OWN_KUBECONFIG}`
      : 'name a kubeconfig with --kubeconfig, or in KUBECONFIG, and a context of it with --context';
  return new CliError(`Cannot connect to the cluster: ${messageOf(cause)}`, { hint, cause });
}
