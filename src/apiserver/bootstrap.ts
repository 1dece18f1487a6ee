import type { AddressInfo } from 'node:net';
import { bootstrapObjects } from 'nekube/api';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { ServedResource } from './registry/served.ts';
import { keyOf } from './registry/served.ts';
import type { WriteOptions } from './registry/store.ts';
import type { ServerDeps } from './routes.ts';

/** What is known of the server at its start. */
export interface BootstrapOptions {
  readonly now: Date;
  readonly address: AddressInfo;
  readonly caCert: string;
}

/** The field manager of what the server makes itself. */
const MANAGER = 'kube-apiserver';

/**
 * Makes what every cluster has and storage has not yet: namespaces, roles and bindings, priority classes, flow control
 * and the service of the API itself; and takes notice of the addresses and ports that stored services have.
 */
export async function bootstrap(deps: ServerDeps, options: BootstrapOptions): Promise<void> {
  const services = deps.resources.builtin('', 'v1', 'services');
  const { entries } = await deps.storage.range(services.keyPrefix);
  for (const entry of entries) deps.allocations.mark(deps.store.decode(services, entry));
  const objects = bootstrapObjects()
    .filter((b) => b.resource.resource !== 'apiservices' || b.resource.rules.nameCheck)
    .flatMap(({ resource, objects: list }) => {
      const served = deps.resources.builtin(resource.group, resource.version, resource.resource);
      // they are canonical, but for defaults, which the store sets
    return list.map((object) => ({ served, object }));
    });
  await Promise.all(objects.map(({ served, object }) => ensure(deps, options, served, object)));
  await ensure(deps, options, services, decoded(services, apiService()));
  const endpointSlices = deps.resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');
  const endpoints = deps.resources.builtin('', 'v1', 'endpoints');
  await ensure(deps, options, endpoints, decoded(endpoints, apiEndpoints(options.address)));
  await ensure(deps, options, endpointSlices, decoded(endpointSlices, apiEndpointSlice(options.address)));
}

function decoded(resource: ServedResource, object: KubeObject): KubeObject {
  return resource.decode(object as never).object;
}

/** Creates the object, which is decoded, unless one of its name is there. */
async function ensure(
  deps: ServerDeps,
  { now }: BootstrapOptions,
  resource: ServedResource,
  object: KubeObject,
): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  if ((await deps.storage.head(keyOf(resource, namespace, name))) !== undefined) return;
  const owned = resource.fieldManager('').update(undefined, object, MANAGER);
  const options: WriteOptions = {
    dryRun: false,
    context: { now, user: { name: 'system:apiserver', groups: ['system:masters'] } },
    warn: () => {},
    rules: { ...resource.rules, validate: () => [] },
    validate: () => {},
  };
  try {
    await deps.store.create(resource, namespace, resource.toHub(owned), options);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

function apiService(): KubeObject {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
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
