import { type JsonValue, jsonEqual, nameIsDnsSubdomain } from 'nekube/apimachinery';
import { controllerReferenceTo } from 'nekube/controller';
import { isPodReady } from '../pods/pod.ts';
import { addressesOf, type EndpointPod, hostnameIn, targetPortOf } from '../services/endpoint-pod.ts';
import {
  type AddressType,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  ENDPOINT_SLICE,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
  sortedPorts,
} from '../services/endpoint-slice.ts';
import { HEADLESS_LABEL, isHeadless, type Service } from '../services/service.ts';
import type { Node } from './node.ts';
import { zoneOf } from './node.ts';

/** Who keeps the slices of this controller. */
export const MANAGER = 'endpointslice-controller.k8s.io';
/** Labels of slices that a Service has no say in. */
const RESERVED = [SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL];

/** Of which types a Service has addresses. */
export function addressTypesOf({ spec: { ipFamilies = [], clusterIP } }: Service): readonly AddressType[] {
  const types = (['IPv4', 'IPv6'] as const).filter((type) => ipFamilies.includes(type));
  if (types.length > 0) return types;
  // of a server so old that it knows no families
  if (!clusterIP || clusterIP === 'None') return ['IPv4', 'IPv6'];
  return [clusterIP.includes(':') ? 'IPv6' : 'IPv4'];
}

/** The endpoint that a pod is; undefined: it has no address of the type. */
export function endpointOf(
  pod: EndpointPod,
  { node, service, addressType }: { node: Node | undefined; service: Service; addressType: AddressType },
): Endpoint | undefined {
  const addresses = addressesOf(pod, addressType === 'IPv6' ? 6 : 4);
  if (addresses.length === 0) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { namespace, name, uid } = pod.metadata;
  const hostname = hostnameIn(pod, service);
  const zone = node && zoneOf(node);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(hostname !== undefined && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone && { zone }),
  };
}

/** The ports by which a Service reaches a pod, those left out that it has not. */
export function portsOf({ spec }: Service, pod: EndpointPod): readonly EndpointPort[] {
  const ports = (spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
  return sortedPorts(ports);
}

/** The labels of a Service's slices: its own, and those that say what they are. */
export function labelsOf(service: Service): Record<string, string> {
  return {
    ...withoutReserved(service.metadata.labels),
    ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
    [SERVICE_NAME_LABEL]: service.metadata.name!,
    [MANAGED_BY_LABEL]: MANAGER,
  };
}

/** Whether a slice has not the labels of its Service; those that say what it is are not looked at. */
export function hasOtherLabels({ metadata }: EndpointSlice, service: Service): boolean {
  return !jsonEqual(withoutReserved(metadata.labels), withoutReserved(service.metadata.labels));
}

/** A slice without a name and without endpoints. */
export function newSlice(
  service: Service,
  { ports, addressType }: { ports: readonly EndpointPort[]; addressType: AddressType },
): EndpointSlice {
  const { name = '', namespace } = service.metadata;
  // the dash is left out where the name is too long for it
  const generateName = nameIsDnsSubdomain(`${name}-`, true).length === 0 ? `${name}-` : name;
  return {
    ...ENDPOINT_SLICE,
    metadata: {
      generateName,
      namespace,
      labels: labelsOf(service),
      ownerReferences: [controllerReferenceTo({ ...service, apiVersion: 'v1', kind: 'Service' })],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

/** Whether a slice belongs to this Service, not to an earlier one of its name. */
export function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === 'Service' && apiVersion === 'v1',
  );
}

function withoutReserved(labels: Readonly<Record<string, string>> = {}): Record<string, JsonValue & string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !RESERVED.includes(key)));
}
