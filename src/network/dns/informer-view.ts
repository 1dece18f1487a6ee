import type { Informer, Kind } from 'nekube/client';
import { type KubeObject, namespacedName } from 'nekube/apimachinery';
import {
  clusterIpsOf,
  ENDPOINT_SLICE,
  type EndpointSlice,
  isHeadless,
  SERVICE,
  type Service,
  serviceOf,
} from '../routing/service.ts';
import { type Informers, slicesByService } from '../routing/informers.ts';
import { canonical, type ClusterView } from './cluster-names.ts';

const NAMESPACE: Kind = { apiVersion: 'v1', kind: 'Namespace' };
const BY_IP = 'network/ip';

/** The cluster as informers see it. */
export function viewOf(informers: Informers): ClusterView {
  const services: Informer<Service> = informers.informer(SERVICE);
  const slices: Informer<EndpointSlice> = informers.informer(ENDPOINT_SLICE);
  const namespaces: Informer<KubeObject> = informers.informer(NAMESPACE);
  services.addIndex(BY_IP, serviceIps);
  slices.addIndex(BY_IP, endpointIps);
  const bySlice = slicesByService(slices);
  return {
    service: (namespace, name) => services.store.get({ namespace, name }),
    hasNamespace: (name) => namespaces.store.get({ name }) !== undefined,
    slicesOf: (service) => bySlice(namespacedName(service.metadata)),
    serviceAt: (ip) => services.store.byIndex(BY_IP, ip)[0],
    endpointsAt: (ip) =>
      slices.store.byIndex(BY_IP, ip).flatMap((slice) => {
        const [namespace = '', name = ''] = (serviceOf(slice) ?? '').split('/');
        const service = services.store.get({ namespace, name });
        if (service === undefined || !isHeadless(service)) return [];
        return (slice.endpoints ?? [])
          .filter(({ addresses, conditions }) => (conditions?.ready ?? true) && addresses.map(canonical).includes(ip))
          .map((endpoint) => ({ service, endpoint }));
      }),
  };
}

function serviceIps(service: Service): readonly string[] {
  return clusterIpsOf(service).map(canonical);
}

function endpointIps({ endpoints }: EndpointSlice): readonly string[] {
  return [...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses.map(canonical)))];
}
