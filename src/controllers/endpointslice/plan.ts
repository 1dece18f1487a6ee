import { canBeEndpoint, type EndpointPod } from '../services/endpoint-pod.ts';
import {
  type AddressType,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  groupedBy,
  keyOfEndpoint,
  keyOfPorts,
} from '../services/endpoint-slice.ts';
import type { Service } from '../services/service.ts';
import { endpointOf, hasOtherLabels, isOwnedBy, labelsOf, newSlice, portsOf } from './desired.ts';
import type { Node } from './node.ts';
import { pack, type SliceChanges } from './packing.ts';
import { asksForHints, type Hinted, type Topology, type TopologyEvent } from './topology.ts';
import { distributionOf, type SliceSet, withDistribution, withoutHints } from './traffic-distribution.ts';

/** What a plan is made of. */
export interface PlanInput {
  readonly service: Service;
  /** Those that the Service selects. */
  readonly pods: readonly EndpointPod[];
  readonly node: (name: string) => Node | undefined;
  readonly addressType: AddressType;
  /** Those of the address type that are there. */
  readonly slices: readonly EndpointSlice[];
  readonly topology: Topology;
  readonly maxPerSlice: number;
}

/** What is to be done for one address type of a Service. */
export interface Plan extends SliceChanges {
  readonly events: readonly TopologyEvent[];
  /** What stood in the way of some pods. */
  readonly errors: readonly string[];
}

/** Endpoints with the same ports. */
interface Group {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** Says which slices of one address type are to be made, written and deleted, so that they have what a Service selects. */
export function planSlices(input: PlanInput): Plan {
  const { service, slices } = input;
  const { groups, errors } = groupsOf(input);
  const owned = slices.filter((slice) => isOwnedBy(slice, service));
  const byPorts = groupedBy(owned, ({ ports }) => keyOfPorts(ports));
  const changes = [...groups].map(([key, group]) => packGroup(input, group, byPorts.get(key) ?? []));
  const create = changes.flatMap((one) => one.create);
  const update = changes.flatMap((one) => one.update);
  const foreign = slices.filter((slice) => !owned.includes(slice));
  const unwanted = [...byPorts].flatMap(([key, found]) => (groups.has(key) ? [] : found));
  let unneeded = [...foreign, ...changes.flatMap((one) => one.delete), ...unwanted];
  if (slices.length === unneeded.length && create.length === 0) {
    const placeholder = newSlice(service, { ports: [], addressType: input.addressType });
    if (unneeded.length === 1 && isPlaceholder(unneeded[0]!, placeholder)) unneeded = [];
    else create.push(placeholder);
  }
  const touched = new Set([...update, ...unneeded].map(({ metadata }) => metadata.name));
  const unchanged = slices.filter(({ metadata }) => !touched.has(metadata.name));
  const { slices: result, events } = withHints(input, { create, update, unchanged });
  return { ...recycled(service, { create: result.create, update: result.update, delete: unneeded }), events, errors };
}

function groupsOf({ service, pods, node, addressType }: PlanInput): {
  readonly groups: ReadonlyMap<string, Group>;
  readonly errors: readonly string[];
} {
  const groups = new Map<string, Group>();
  const errors: string[] = [];
  for (const pod of pods.filter((one) => canBeEndpoint(one, true))) {
    const ports = portsOf(service, pod);
    const key = keyOfPorts(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    groups.set(key, group);
    const { nodeName = '' } = pod.spec;
    const found = node(nodeName);
    if (found === undefined && !service.spec.publishNotReadyAddresses) {
      const { namespace, name } = service.metadata;
      errors.push(`skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`);
      continue;
    }
    const endpoint = endpointOf(pod, { node: found, service, addressType });
    if (endpoint !== undefined) group.endpoints.set(keyOfEndpoint(endpoint), endpoint);
  }
  return { groups, errors };
}

function packGroup(input: PlanInput, group: Group, existing: readonly EndpointSlice[]): SliceChanges {
  const { service, addressType, maxPerSlice } = input;
  const labels = labelsOf(service);
  return pack(existing, {
    endpoints: group.endpoints,
    maxPerSlice,
    newSlice: () => newSlice(service, { ports: group.ports, addressType }),
    isOutdated: (slice) => hasOtherLabels(slice, service),
    withLabels: (slice) => ({ ...slice, metadata: { ...slice.metadata, labels } }),
  });
}

/** Whether a slice is as good as the one that stands for a Service without endpoints. */
function isPlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  const hasLabels = (a: EndpointSlice, b: EndpointSlice): boolean =>
    Object.entries(a.metadata.labels ?? {}).every(([key, value]) => (b.metadata.labels?.[key] ?? '') === value);
  return (
    (slice.endpoints ?? []).length === 0 &&
    (slice.ports ?? []).length === 0 &&
    slice.addressType === placeholder.addressType &&
    hasLabels(slice, placeholder) &&
    hasLabels(placeholder, slice)
  );
}

function withHints({ service, addressType, topology }: PlanInput, slices: SliceSet): Hinted {
  const key = `${service.metadata.namespace}/${service.metadata.name}`;
  if (asksForHints(service)) return topology.addHints(key, addressType, slices);
  const events = topology.dropHints(key, addressType);
  const distribution = distributionOf(service);
  const result = distribution === undefined ? withoutHints(slices) : withDistribution(distribution, slices);
  return { slices: result, events };
}

/** Slices that would go are written instead of new ones: fewer writes, and fewer events for those who watch. */
function recycled(service: Service, changes: SliceChanges): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const unneeded = changes.delete.filter((slice) => {
    const next = create.at(-1);
    if (next === undefined || slice.addressType !== next.addressType || !isOwnedBy(slice, service)) return true;
    create.pop();
    update.push({ ...next, metadata: { ...next.metadata, name: slice.metadata.name! } });
    return false;
  });
  return { create, update, delete: unneeded };
}
