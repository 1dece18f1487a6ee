import type { Client } from 'nekube/client';
import { nodeMetrics, podMetrics } from './objects.ts';
import { registerMetrics } from './register.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';
import { type MetricsServing, serveMetrics } from './server.ts';

/** How resource metrics are served. */
export interface MetricsServerOptions extends SamplerOptions, MetricsServing {
  /** May make services, roles and APIServices, and see nodes. */
  readonly client: Client;
  /** PEM of who signed the certificate. */
  readonly caBundle: string;
}

/**
 * Serves `metrics.k8s.io` on this machine, and has the API server hand requests for it on.
 *
 * @returns stops; what the API server was told stays (`unregisterMetrics`)
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<() => Promise<void>> {
  const { client, caBundle, now } = options;
  const sampler = new Sampler(options);
  const view = {
    pods: () => sampler.measurements().pods.map((pod) => podMetrics(pod, now())),
    async nodes() {
      const { items } = await client.list({ apiVersion: 'v1', kind: 'Node' });
      const labels = new Map(items.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
      return sampler.measurements().nodes.map((node) => nodeMetrics(node, labels.get(node.name) ?? {}, now()));
    },
  };
  const server = await serveMetrics(view, options);
  const stop = async (): Promise<void> => {
    sampler.close();
    await server.close();
  };
  try {
    await registerMetrics(client, { port: server.port, caBundle });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
