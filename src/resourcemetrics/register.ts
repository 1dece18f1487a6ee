import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { METRICS } from './objects.ts';

/** The service that the API is known by, and the name of its certificate. */
export const METRICS_SERVICE = { namespace: 'kube-system', name: 'metrics-server' } as const;
/** The name that the certificate of the server must have. */
export const METRICS_HOST = `${METRICS_SERVICE.name}.${METRICS_SERVICE.namespace}.svc`;

const APP = { 'k8s-app': 'metrics-server' };
/** Says of the APIService that it goes with the process that made it. */
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const OURS = { ...APP, [MANAGED_BY]: 'nekube' } as const;
const KIND = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' } as const;
const NAME = `${METRICS.version}.${METRICS.group}`;
const READS = { apiGroups: [METRICS.group], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] };
const AGGREGATE = ['view', 'edit', 'admin'].map((role) => `rbac.authorization.k8s.io/aggregate-to-${role}`);

/** Whose the APIService is: nobody's, ours, or somebody else's. */
async function ownerOf(client: Client, signal?: AbortSignal): Promise<'nobody' | 'ours' | 'others'> {
  try {
    const { metadata } = await client.get(KIND, { name: NAME }, { signal });
    return metadata.labels?.[MANAGED_BY] === OURS[MANAGED_BY] ? 'ours' : 'others';
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return 'nobody';
    throw error;
  }
}

/**
 * Tells the API server that this machine serves resource metrics at a port, as the manifests of metrics-server do.
 *
 * The service is an `ExternalName` of this machine: no cluster IP has to be routed, and no address of loopback may stand in an
 * EndpointSlice. Where somebody else serves the API already, it is left to them.
 */
export async function registerMetrics(
  client: Client,
  { port, caBundle }: { readonly port: number; readonly caBundle: string },
): Promise<void> {
  if ((await ownerOf(client)) === 'others') return;
  const spec = {
    group: METRICS.group,
    version: METRICS.version,
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { ...METRICS_SERVICE, port },
    caBundle: Buffer.from(caBundle).toString('base64'),
  };
  const labels = Object.fromEntries(AGGREGATE.map((label) => [label, 'true']));
  const objects = [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:aggregated-metrics-reader', labels: { ...OURS, ...labels } },
      rules: [READS],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...METRICS_SERVICE, labels: OURS },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    },
    { ...KIND, metadata: { name: NAME, labels: OURS }, spec },
  ];
  for (const object of objects) await client.apply<KubeObject>(object, { force: true });
}

/** Takes back that metrics are served here; also what a process left that was killed. What others made stays. */
export async function unregisterMetrics(client: Client, signal?: AbortSignal): Promise<void> {
  if ((await ownerOf(client, signal)) === 'ours') await client.delete(KIND, { name: NAME }, { signal });
}
