import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrapObjects } from 'nekube/api';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { reconciled } from './authorization/rbac/reconcile.ts';
import { makeFreshCluster } from './fresh-cluster.ts';
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
  /** The ranges of cluster IPs, with a comma between, and the first address of the first one. */
  readonly clusterIpRange: string;
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
  if (await makeFreshCluster(deps.storage, options)) await markServices(deps);
  else await makeSingly(deps, options);
  // an address that only this machine knows is no endpoint
  if (options.address === undefined || isLocal(options.address)) return;
  const endpointSlices = deps.resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');
  const endpoints = deps.resources.builtin('', 'v1', 'endpoints');
  await ensure(deps, options, endpoints, decoded(endpoints, apiEndpoints(options.address)));
  await ensure(deps, options, endpointSlices, decoded(endpointSlices, apiEndpointSlice(options.address)));
}

/** Makes what is missing, and completes what somebody has changed. */
async function makeSingly(deps: ServerDeps, options: BootstrapOptions): Promise<void> {
  const objects = bootstrapObjects().flatMap(({ resource, objects: list }) => {
    const served = deps.resources.builtin(resource.group, resource.version, resource.resource);
    // they are canonical, but for defaults, which the store sets
    return list.map((object) => ({ served, object: withAddresses(object, options) }));
  });
  await Promise.all(objects.map(({ served, object }) => ensure(deps, options, served, object)));
}

/** What has addresses in it was recorded with others: the API's own service has the first one of the range. */
function withAddresses(object: KubeObject, { clusterIpRange, firstClusterIp }: BootstrapOptions): KubeObject {
  if (object.kind === 'ServiceCIDR') return { ...object, spec: { cidrs: clusterIpRange.split(',') } };
  if (object.kind !== 'Service') return object;
  const ipFamilies = [firstClusterIp.includes(':') ? 'IPv6' : 'IPv4'];
  return { ...object, spec: { ...object.spec, clusterIP: firstClusterIp, clusterIPs: [firstClusterIp], ipFamilies } };
}

async function ensure(
  deps: ServerDeps,
  { now }: BootstrapOptions,
  resource: ServedResource,
  object: KubeObject,
): Promise<void> {
  if (resource.group === RBAC_GROUP) await reconcile(deps, now, resource, object);
  await untilMade(() => ensureObject(deps, now, resource, object, MANAGERS[resource.group]));
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
