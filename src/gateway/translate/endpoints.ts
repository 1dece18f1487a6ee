import { parseIp } from 'nekube/apimachinery';
import type { Endpoint, Endpoints } from '../model/index.ts';
import type { EndpointsOrigin } from './backends.ts';
import type { View } from './cluster.ts';
import { compareText } from './gateway-plans.ts';
import { readOr } from './malformed.ts';
import type { EndpointSlice, Service } from './resources.ts';

/**
 * The endpoints of a port. What is ready is used; what ends but still serves is for when nothing else is left. Of a Service with
 * two families of addresses one is taken, since each pod is in both: the first of `spec.ipFamilies` that has any.
 */
export function endpointsOf(view: View, origin: EndpointsOrigin): Endpoints {
  const { name, owner, namespace, service, port, transport } = origin;
  const spec = owner === 'XBackend' ? undefined : readableService(ownerOf(view, origin));
  const wanted = spec?.ports?.find((one) => one.port === port && (one.protocol ?? 'TCP') === transport);
  const families = new Map<string, Map<string, Endpoint>>();
  for (const slice of view.slicesOf(owner, namespace, service)) {
    const family = families.get(slice.addressType ?? '') ?? new Map<string, Endpoint>();
    families.set(slice.addressType ?? '', family);
    const found = readOr(
      () => [...endpointsIn(slice, wanted?.name ?? '', transport)],
      () => [],
    );
    for (const endpoint of found) add(family, endpoint);
  }
  const order = [...(spec?.ipFamilies ?? []), 'IPv4', 'IPv6'];
  const family = order.map((type) => families.get(type)).find((endpoints) => (endpoints?.size ?? 0) > 0);
  return { name, endpoints: [...(family?.values() ?? [])].sort(byAddress) };
}

function ownerOf(view: View, { owner, namespace, service }: EndpointsOrigin): Service | undefined {
  return owner === 'ServiceImport' ? view.serviceImport(namespace, service) : view.service(namespace, service);
}

/** A Service of a file may be anything; then it has no ports. */
function readableService(service: Service | undefined): Service['spec'] {
  return readOr(
    () => {
      const { ports = [], ipFamilies = [] } = service?.spec ?? {};
      return { ports: ports.filter((port) => port instanceof Object), ipFamilies: [...ipFamilies] };
    },
    () => ({ ports: [], ipFamilies: [] }),
  );
}

function* endpointsIn(slice: EndpointSlice, portName: string, transport: string): Iterable<Endpoint> {
  const port = slice.ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === transport)?.port;
  if (port === undefined || port === null) return;
  for (const { addresses, conditions, zone } of slice.endpoints ?? []) {
    const ready = conditions?.ready ?? true;
    const draining = !ready && conditions?.terminating === true && (conditions.serving ?? false);
    const address = addresses?.[0];
    if ((!ready && !draining) || address === undefined || parseIp(address) === undefined) continue;
    yield {
      address,
      port,
      state: ready ? 'ready' : 'draining',
      ...(zone === undefined || zone === null ? {} : { zone }),
    };
  }
}

/** While an endpoint moves from one slice to another it is in both: ready counts. */
function add(endpoints: Map<string, Endpoint>, endpoint: Endpoint): void {
  const key = `${endpoint.address} ${endpoint.port}`;
  if (endpoints.get(key)?.state !== 'ready') endpoints.set(key, endpoint);
}

function byAddress(a: Endpoint, b: Endpoint): number {
  return compareText(a.address, b.address) || a.port - b.port;
}
