import { type KubeObject, newFailure, newNotFound, type ServiceReference } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';
import type { ServiceResolver } from './client.ts';

/** What services are looked up with. */
export interface ServiceSource {
  readonly store: Store;
  readonly storage: Storage;
  readonly resources: Resources;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Finds services by what is stored of them: an endpoint that is ready, else the cluster IP, or the external name.
 *
 * kube-apiserver takes the cluster IP and leaves the rest to kube-proxy; where there is none, the endpoint can still be
 * reached.
 */
export function storedServices({ store, storage, resources }: ServiceSource): ServiceResolver {
  return async (wanted) => {
    const services = resources.builtin('', 'v1', 'services');
    const service = await store.known(services, wanted.namespace, wanted.name);
    if (service === undefined) throw newNotFound({ group: '', resource: 'service' }, wanted.name);
    const { type = 'ClusterIP', clusterIP = '', externalName = '' } = service.spec ?? {};
    if (type === 'ExternalName') return { host: externalName, port: wanted.port };
    const slices = resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');
    const { entries } = await storage.range(`${slices.keyPrefix}${wanted.namespace}/`);
    const objects = entries.map((entry) => store.decode(slices, entry));
    return addressOf(service, clusterIP, wanted, objects);
  };
}

function addressOf(service: KubeObject, clusterIP: string, wanted: ServiceReference, slices: KubeObject[]): Address {
  const port = (service.spec.ports ?? []).find((candidate: { port: number }) => candidate.port === wanted.port);
  if (port === undefined && clusterIP !== 'None')
    throw newFailure(503, 'ServiceUnavailable', `no service port ${wanted.port} found for service "${wanted.name}"`);
  const endpoint = port && readyEndpoint(slices, wanted.name, port.name ?? '');
  if (endpoint !== undefined) return endpoint;
  if (clusterIP === 'None') throw new Error('cannot route to service with ClusterIP "None"');
  return { host: clusterIP, port: wanted.port };
}

function readyEndpoint(slices: readonly KubeObject[], service: string, portName: string): Address | undefined {
  for (const slice of slices) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) continue;
    const { ports = [], endpoints = [] } = slice as unknown as Slice;
    const port = ports.find(({ name = '' }) => name === portName)?.port;
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    const chosen = ready[Math.floor(Math.random() * ready.length)];
    if (port && chosen !== undefined) return { host: chosen.addresses[0]!, port };
  }
  return undefined;
}

/** What is looked at of an EndpointSlice. */
interface Slice {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly { readonly addresses: readonly string[]; readonly conditions?: { ready?: boolean } }[];
}
