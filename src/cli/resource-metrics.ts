import type { RunningServer, ServerOptions } from 'nekube/apiserver';
import { type Client, newClient } from 'nekube/client';
import { fakeUse, METRICS_HOST, type NodeSample, startMetricsServer, unregisterMetrics } from 'nekube/resourcemetrics';
import type { NodeUsage, PodUsage } from 'nekube/node';
import type { Pki } from 'nekube/pki';

/** A second is promised from the signal to the end of all, of which this is a part. */
const UNREGISTER_MS = 250;

/** What resource metrics are served with. */
export interface ResourceMetricsOptions {
  readonly client: Client;
  readonly pki: Pki;
  /** The front proxy that the API server is; undefined: it is none, or shows no certificate that tells so. */
  readonly frontProxy: ServerOptions['frontProxy'];
  readonly usage: () => readonly NodeUsage[];
  readonly resolutionMs: number;
  /** Whether pods are no processes. */
  readonly areFake: boolean;
  /** Whether the API server's objects outlive this process. */
  readonly isKept: boolean;
}

/**
 * Serves what the pods of nodes use, for `kubectl top` and autoscalers; nothing, where nobody could say who asks.
 *
 * @returns stops
 */
export async function runResourceMetrics(options: ResourceMetricsOptions): Promise<() => Promise<void>> {
  const { client, pki, frontProxy, usage, resolutionMs, areFake, isKept } = options;
  if (frontProxy === undefined) return async () => {};
  const names = { hosts: [METRICS_HOST, 'localhost'], ips: ['127.0.0.1'] };
  const { cert, key } = pki.issueServing({ subject: { commonName: METRICS_HOST }, ...names });
  const now = (): number => Date.now();
  const stop = await startMetricsServer({
    client,
    source: () => ({ at: now(), nodes: usage().map(sampleOf) }),
    resolutionMs,
    onDemand: areFake,
    now,
    cert,
    key,
    caBundle: pki.caCert,
    proxyCa: frontProxy.ca,
    proxyNames: frontProxy.allowedNames,
  });
  return async () => {
    // a storage that answers no more keeps it: nodes and their network end all the same
    if (isKept) await unregisterMetrics(client, AbortSignal.timeout(UNREGISTER_MS)).catch(() => {});
    await stop();
  };
}

/** Takes back what one that was killed has left, so that nobody waits for what is not there. */
export async function forgetResourceMetrics(server: RunningServer, pki: Pki): Promise<void> {
  const { cert } = pki.issueClient({ user: 'system:nekube-nodes', groups: ['system:masters'] });
  const client = newClient({ url: server.url, ...server.connect({ certificate: cert }) });
  await unregisterMetrics(client);
  await client.close();
}

function sampleOf({ node, pods }: NodeUsage): NodeSample {
  return {
    name: node,
    pods: pods.map(({ pod: { metadata }, containers }) => ({
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      uid: metadata.uid ?? '',
      labels: metadata.labels ?? {},
      containers: containers.map((container) => containerOf(container, metadata.annotations)),
    })),
  };
}

function containerOf(
  { name, startedAt, used }: PodUsage['containers'][number],
  annotations: Readonly<Record<string, string>> | undefined,
): NodeSample['pods'][number]['containers'][number] {
  if (used !== undefined)
    return { name, startedAt, memoryBytes: used.memoryBytes, cpu: { usedNanoseconds: used.cpuNanoseconds } };
  const { nanocores, memoryBytes } = fakeUse(annotations);
  return { name, startedAt, memoryBytes, cpu: { nanocores } };
}
