import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrapObjects } from 'nekube/api';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { reconciled } from './authorization/rbac/reconcile.ts';
import type { ServedResource } from './registry/served.ts';
import type { ServerDeps } from './server-deps.ts';
import { changeObject, ensureObject, removeObject } from './system-objects.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Who makes the objects of a group, where it is not the server as such. */
const MANAGERS: Readonly<Record<string, string>> = {
  'flowcontrol.apiserver.k8s.io': 'api-priority-and-fairness-config-producer-v1',
};

/** How long another server is waited for that makes the same. */
const OTHERS_TRIES = 50;
const OTHERS_MS = 100;

/** What is known of the server at its start. */
export interface BootstrapOptions {
  readonly now: Date;
  /** Undefined where it listens to nobody. */
  readonly address: AddressInfo | undefined;
  /** The first address of the range of cluster IPs. */
  readonly firstClusterIp: string;
}

/** Takes notice of the addresses and ports that stored services have. */
export async function markServices(deps: ServerDeps): Promise<void> {
  const services = deps.resources.builtin('', 'v1', 'services');
  const { entries } = await deps.storage.range(services.keyPrefix);
  for (const entry of entries) deps.allocations.mark(deps.store.decode(services, entry));
}

/**
 * Makes what every cluster has and storage has not yet: namespaces, roles and bindings, priority classes, flow control
 * and the service of the API itself.
 */
export async function bootstrap(deps: ServerDeps, options: BootstrapOptions): Promise<void> {
  const services = deps.resources.builtin('', 'v1', 'services');
  const objects = bootstrapObjects().flatMap(({ resource, objects: list }) => {
    const served = deps.resources.builtin(resource.group, resource.version, resource.resource);
    // they are canonical, but for defaults, which the store sets
    return list.map((object) => ({ served, object }));
  });
  const ensure = async (resource: ServedResource, object: KubeObject) => {
    if (resource.group === RBAC_GROUP) await reconcile(deps, options.now, resource, object);
    return untilMade(() => ensureObject(deps, options.now, resource, object, MANAGERS[resource.group]));
  };
  await Promise.all(objects.map(({ served, object }) => ensure(served, object)));
  await ensure(services, decoded(services, apiService(options.firstClusterIp)));
  // an address that only this machine knows is no endpoint
  if (options.address === undefined || isLocal(options.address)) return;
  const endpointSlices = deps.resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');
  const endpoints = deps.resources.builtin('', 'v1', 'endpoints');
  await ensure(endpoints, decoded(endpoints, apiEndpoints(options.address)));
  await ensure(endpointSlices, decoded(endpointSlices, apiEndpointSlice(options.address)));
}

/** Gives a role or binding that somebody has changed what it lacks, unless it says that it is not to be updated. */
async function reconcile(deps: ServerDeps, now: Date, resource: ServedResource, expected: KubeObject): Promise<void> {
  const { namespace = '', name = '' } = expected.metadata;
  const live = await deps.store.head(resource, namespace, name);
  if (live === undefined) return;
  const outcome = reconciled(live, expected);
  if (outcome === undefined) return;
  if (outcome === 'recreate') await removeObject(deps, resource, name, namespace);
  else
    await changeObject(deps, now, resource, expected.metadata, (object) => {
      const again = reconciled(object, expected);
      return again === 'recreate' ? undefined : again;
    });
}

/** Another server that starts now may have the address of the service already, and not yet the service. */
async function untilMade(make: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await make();
      return;
    } catch (error) {
      if (!isStatusError(error, 'Invalid') || tries === OTHERS_TRIES) throw error;
      await sleep(OTHERS_MS);
    }
  }
}

function decoded(resource: ServedResource, object: KubeObject): KubeObject {
  return resource.decode(object as never).object;
}

/** The API's own service has the first address of the range. */
function apiService(clusterIp: string): KubeObject {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
      sessionAffinity: 'None',
    },
  };
}

function apiEndpoints({ address, port }: AddressInfo): KubeObject {
  return {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function apiEndpointSlice({ address, family, port }: AddressInfo): KubeObject {
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: family === 'IPv6' ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

function isLocal({ address }: AddressInfo): boolean {
  return address.startsWith('127.') || ['::1', '0.0.0.0', '::'].includes(address);
}
