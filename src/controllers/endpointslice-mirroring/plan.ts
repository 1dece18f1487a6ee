import { formatIp, type JsonValue, jsonEqual, nameIsDnsSubdomain, parseIp } from 'nekube/apimachinery';
import { controllerReferenceTo } from 'nekube/controller';
import type { SliceChanges } from '../endpointslice/packing.ts';
import {
  type AddressType,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  ENDPOINT_SLICE,
  groupedBy,
  isSameEndpoint,
  keyOfEndpoint,
  keyOfPorts,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
  sortedPorts,
} from '../services/endpoint-slice.ts';
import { ENDPOINTS, type EndpointAddress, type Endpoints, type SubsetPort } from '../services/endpoints.ts';
import { TRIGGER_TIME } from '../services/service.ts';
import { repacked } from '../services/subsets.ts';

/** Who keeps the slices of this controller. */
export const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** So many addresses of a subset are mirrored, so that there is one slice a subset. */
const MAX_PER_SUBSET = 1000;

/** What is to be done for the mirror of Endpoints. */
export interface MirrorPlan extends SliceChanges {
  /** Slices that are right as they are. */
  readonly kept: readonly EndpointSlice[];
  /** Addresses that are none. */
  readonly invalid: number;
  /** Addresses that are not mirrored, of which some may be invalid. */
  readonly skipped: number;
}

/** Endpoints with the same ports and of one type. */
interface Group {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** Says which slices make the mirror of Endpoints. */
export function planMirror(source: Endpoints, slices: readonly EndpointSlice[]): MirrorPlan {
  const { groups, invalid, skipped } = groupsOf(source);
  const byKey = groupedBy(slices, ({ addressType, ports }) => keyOf(addressType, ports ?? []));
  const result: { [K in 'create' | 'update' | 'delete' | 'kept']: EndpointSlice[] } = {
    create: [],
    update: [],
    delete: [],
    kept: [],
  };
  for (const [key, group] of groups) {
    const [first, ...others] = byKey.get(key) ?? [];
    byKey.delete(key);
    if (group.endpoints.size === 0) result.delete.push(...(first ? [first] : []), ...others);
    else {
      result.delete.push(...others);
      if (first !== undefined && isMirror(first, source, group)) result.kept.push(first);
      else if (first !== undefined) result.update.push(mirrorOf(source, group, first.metadata.name));
      else result.create.push(mirrorOf(source, group));
    }
  }
  for (const unwanted of byKey.values()) result.delete.push(...unwanted);
  return { ...recycled(result), kept: result.kept, invalid, skipped };
}

function groupsOf({ subsets }: Endpoints): {
  readonly groups: ReadonlyMap<string, Group>;
  readonly invalid: number;
  readonly skipped: number;
} {
  const groups = new Map<string, Group>();
  let [invalid, skipped] = [0, 0];
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of repacked(subsets ?? [])) {
    const slicePorts = sortedPorts(ports.map(slicePortOf));
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const key = keyOf(addressType, slicePorts);
      if (!groups.has(key)) groups.set(key, { addressType, ports: slicePorts, endpoints: new Map() });
    }
    let added = 0;
    const all = [
      ...addresses.map((one) => endpointOf(one, true)),
      ...notReadyAddresses.map((one) => endpointOf(one, false)),
    ];
    for (const found of all) {
      if (added >= MAX_PER_SUBSET) break;
      if (found === undefined) invalid++;
      else {
        groups.get(keyOf(found.addressType, slicePorts))!.endpoints.set(keyOfEndpoint(found.endpoint), found.endpoint);
        added++;
      }
    }
    skipped += all.length - added;
  }
  return { groups, invalid, skipped };
}

function endpointOf(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): { readonly addressType: AddressType; readonly endpoint: Endpoint } | undefined {
  const address = parseIp(ip);
  if (address === undefined) return undefined;
  const endpoint = {
    addresses: [formatIp(address)],
    conditions: { ready },
    ...(targetRef && { targetRef }),
    ...(nodeName !== undefined && { nodeName }),
    ...(hostname && { hostname }),
  };
  return { addressType: address.family === 6 ? 'IPv6' : 'IPv4', endpoint };
}

function slicePortOf({ name = '', port = 0, protocol = 'TCP', appProtocol }: SubsetPort): EndpointPort {
  return { name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) };
}

function keyOf(addressType: AddressType, ports: readonly EndpointPort[]): string {
  return `${addressType} ${keyOfPorts(ports)}`;
}

/** Whether a slice is what it shall be. */
function isMirror({ metadata, endpoints }: EndpointSlice, source: Endpoints, { endpoints: wanted }: Group): boolean {
  const there = endpoints ?? [];
  const { [MANAGED_BY_LABEL]: _, [SERVICE_NAME_LABEL]: __, ...labels } = metadata.labels ?? {};
  const { name, uid, labels: sourceLabels = {} } = source.metadata;
  const owners = metadata.ownerReferences ?? [];
  return (
    there.length === wanted.size &&
    there.every((one) => {
      const found = wanted.get(keyOfEndpoint(one));
      return found !== undefined && isSameEndpoint(found, one);
    }) &&
    jsonEqual(sourceLabels as JsonValue, labels as JsonValue) &&
    jsonEqual(annotationsOf(source) as JsonValue, (metadata.annotations ?? {}) as JsonValue) &&
    !owners.some((owner) => owner.kind === 'Endpoints' && owner.name === name && owner.uid !== uid)
  );
}

function annotationsOf({ metadata }: Endpoints): Readonly<Record<string, string>> {
  const { [TRIGGER_TIME]: _, [LAST_APPLIED]: __, ...annotations } = metadata.annotations ?? {};
  return annotations;
}

function mirrorOf(source: Endpoints, { ports, addressType, endpoints }: Group, name?: string): EndpointSlice {
  const { namespace, name: of = '', labels } = source.metadata;
  const generateName = nameIsDnsSubdomain(`${of}-`, true).length === 0 ? `${of}-` : of;
  return {
    ...ENDPOINT_SLICE,
    metadata: {
      ...(name === undefined ? { generateName } : { name }),
      namespace,
      labels: { ...labels, [SERVICE_NAME_LABEL]: of, [MANAGED_BY_LABEL]: MANAGER },
      annotations: { ...annotationsOf(source) },
      ownerReferences: [controllerReferenceTo({ ...source, ...ENDPOINTS })],
    },
    addressType,
    endpoints: [...endpoints.values()].slice(0, MAX_PER_SUBSET),
    ports,
  };
}

/** Slices that would go are written instead of new ones of their type. */
function recycled(changes: SliceChanges): SliceChanges {
  const unneeded = [...changes.delete];
  const update = [...changes.update];
  const create = changes.create.filter((slice) => {
    const at = unneeded.findIndex(({ addressType }) => addressType === slice.addressType);
    if (at < 0) return true;
    const [old] = unneeded.splice(at, 1);
    update.push({ ...slice, metadata: { ...slice.metadata, name: old!.metadata.name! } });
    return false;
  });
  return { create, update, delete: unneeded };
}
