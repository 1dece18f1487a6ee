import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterConfig } from './cluster-config.ts';

/** What a pod knows of its cluster. */
export interface InClusterOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The folder of the service account; default that of every pod. */
  readonly dir?: string;
}

/** How a pod reaches the cluster that it runs in, as its service account; undefined for what is no pod. */
export function inClusterConfig(options: InClusterOptions = {}): ClusterConfig | undefined {
  const { env = process.env, dir = '/var/run/secrets/kubernetes.io/serviceaccount' } = options;
  const [host, port] = [env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT];
  const tokenFile = join(dir, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const ca = join(dir, 'ca.crt');
  const namespace = env.POD_NAMESPACE || namespaceIn(join(dir, 'namespace'));
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile,
    ...(existsSync(ca) && { ca: { file: ca } }),
    ...(namespace && { namespace }),
  };
}

function namespaceIn(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
