import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, Kind } from 'nekube/client';
import { type EndpointSlice, serviceOf } from './service.ts';

/** Where informers come from: a manager's cache, or an InformerSet. */
export interface Informers {
  informer<T extends KubeObject>(kind: Kind<T>): Informer<T>;
}

const BY_SERVICE = 'network/service';

/** Finds the slices of a service, by its `NAMESPACE/NAME`. */
export function slicesByService(slices: Informer<EndpointSlice>): (service: string) => readonly EndpointSlice[] {
  slices.addIndex(BY_SERVICE, byService);
  return (service) => slices.store.byIndex(BY_SERVICE, service);
}

function byService(slice: EndpointSlice): readonly string[] {
  const service = serviceOf(slice);
  return service === undefined ? [] : [service];
}
