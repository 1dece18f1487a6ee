import { newClient } from '../api-client.ts';
import type { Client, ClientOptions } from '../client.ts';
import { type ClusterConfig, clusterConfigOf } from '../kubeconfig/cluster-config.ts';
import { inClusterConfig } from '../kubeconfig/in-cluster.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { transportFor, type TransportOptions } from './transport-for.ts';

/** Which cluster, as whom, and how. */
export interface ConnectOptions extends ClientOptions, TransportOptions {
  /** A kubeconfig that must be there; absent: as kubectl finds its own, else the cluster that this runs in. */
  readonly kubeconfig?: string;
  /** Default: the current one. */
  readonly context?: string;
  /** What is known already; no kubeconfig is read then. */
  readonly config?: ClusterConfig;
}

/**
 * A client of a cluster. Nothing is sent yet; what is wrong with the kubeconfig is told now.
 *
 * @throws ParseError that names the file and the field
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const config = options.config ?? findConfig(options);
  const transport = await transportFor(config, options);
  const { namespace: defaultNamespace, impersonate } = config;
  return newClient(transport, {
    ...(defaultNamespace !== undefined && { defaultNamespace }),
    ...(impersonate !== undefined && { impersonate }),
    ...options,
  });
}

/**
 * The cluster that kubectl would talk to: the context of its kubeconfig, and without a kubeconfig, in a pod, its own.
 *
 * @throws ParseError that names the file and the field
 */
export function findConfig(options: Pick<ConnectOptions, 'kubeconfig' | 'context' | 'env'> = {}): ClusterConfig {
  const { kubeconfig: path, context, env } = options;
  const kubeconfig = loadKubeconfig({ ...(path !== undefined && { path }), ...(env && { env }) });
  const isEmpty = kubeconfig.contexts.size + kubeconfig.clusters.size + kubeconfig.users.size === 0;
  const own =
    path === undefined && context === undefined && isEmpty ? inClusterConfig({ ...(env && { env }) }) : undefined;
  return own ?? clusterConfigOf(kubeconfig, { ...(context !== undefined && { context }) });
}
