import { isIPv4 } from 'node:net';
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
  const portName = spec?.ports?.find((one) => one.port === port && (one.protocol ?? 'TCP') === transport)?.name ?? '';
  const slices = [...view.slicesOf(owner, namespace, service)];
  for (const family of [...(spec?.ipFamilies ?? []), 'IPv4', 'IPv6']) {
    const found = new Map<string, Endpoint>();
    for (const slice of slices) if (slice.addressType === family) addEndpoints(found, slice, portName, transport);
    if (found.size > 0) return { name, endpoints: sorted([...found.values()]) };
  }
  return { name, endpoints: [] };
}

function addEndpoints(found: Map<string, Endpoint>, slice: EndpointSlice, portName: string, transport: string): void {
  const endpoints = readOr(
    () => endpointsIn(slice, portName, transport),
    () => [],
  );
  for (const endpoint of endpoints) add(found, endpoint);
}

/** Mostly they are in order already. */
function sorted(endpoints: Endpoint[]): readonly Endpoint[] {
  const isSorted = endpoints.every((one, index) => index === 0 || byAddress(endpoints[index - 1]!, one) <= 0);
  return isSorted ? endpoints : endpoints.sort(byAddress);
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

function endpointsIn(slice: EndpointSlice, portName: string, transport: string): Endpoint[] {
  const port = slice.ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === transport)?.port;
  const found: Endpoint[] = [];
  if (port === undefined || port === null) return found;
  for (const { addresses, conditions, zone } of slice.endpoints ?? []) {
    const ready = conditions?.ready ?? true;
    const draining = !ready && conditions?.terminating === true && (conditions.serving ?? false);
    const address = addresses?.[0];
    if ((!ready && !draining) || address === undefined || !isAddress(address)) continue;
    const state = ready ? 'ready' : 'draining';
    found.push(zone === undefined || zone === null ? { address, port, state } : { address, port, state, zone });
  }
  return found;
}

/** Most are as they should be, which is seen sooner than what others may come to. */
function isAddress(text: string): boolean {
  return isIPv4(text) || parseIp(text) !== undefined;
}

/** While an endpoint moves from one slice to another it is in both: ready counts. */
function add(endpoints: Map<string, Endpoint>, endpoint: Endpoint): void {
  const key = `${endpoint.address} ${endpoint.port}`;
  if (endpoints.get(key)?.state !== 'ready') endpoints.set(key, endpoint);
}

function byAddress(a: Endpoint, b: Endpoint): number {
  return compareText(a.address, b.address) || a.port - b.port;
}
