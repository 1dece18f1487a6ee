import type { AddressType, EndpointSlice } from '../services/endpoint-slice.ts';
import type { Service } from '../services/service.ts';
import { cpuRatios, type Node } from './node.ts';
import { endpointsOf, hinted, isReady, type SliceSet, withoutHints } from './traffic-distribution.ts';
import {
  add,
  type Allocation,
  allocate,
  hintCounts,
  isOverloaded,
  redistribute,
  type ZoneCounts,
} from './zone-allocation.ts';

/** Something to tell of a Service. */
export interface TopologyEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What became of slices, and what is to be told of it. */
export interface Hinted {
  readonly slices: SliceSet;
  readonly events: readonly TopologyEvent[];
}

/** Whether a Service asks for hints by its annotations. */
export function asksForHints({ metadata: { annotations = {} } }: Service): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

/**
 * Hints by `service.kubernetes.io/topology-mode`: each zone is given endpoints by its part of the CPUs, or none is where
 * that would leave some overloaded. Remembers which Services have hints, and how many of each zone.
 */
export class Topology {
  #ratios: ReadonlyMap<string, number> | undefined;
  /** By Service, then by address type. */
  readonly #counts = new Map<string, Map<AddressType, ZoneCounts>>();
  readonly #hinted = new Set<string>();

  /** The nodes are these now. @returns the Services, as `namespace/name`, whose hints are no longer good */
  setNodes(nodes: readonly Node[]): readonly string[] {
    this.#ratios = cpuRatios(nodes);
    const isAffected = (types: Map<AddressType, ZoneCounts>): boolean =>
      [...types.values()].some((counts) => isOverloaded(counts, this.#ratios));
    return [...this.#counts].filter(([, types]) => isAffected(types)).map(([service]) => service);
  }

  /** Gives the endpoints of a Service hints, or takes them away and says why. */
  addHints(service: string, type: AddressType, slices: SliceSet): Hinted {
    const all = [...slices.create, ...slices.update, ...slices.unchanged];
    const ready = all.flatMap(endpointsOf).filter(isReady);
    const allocations = allocate(this.#ratios, ready.length);
    if (typeof allocations === 'string') return this.#refuse(service, type, slices, allocations);
    const { kept, rest, counts } = sortOut(slices.unchanged, allocations);
    const written = [...slices.create, ...slices.update, ...rest];
    if (written.flatMap(endpointsOf).some((one) => isReady(one) && !one.zone)) {
      const undone = { ...slices, update: [...slices.update, ...rest], unchanged: kept };
      return this.#refuse(service, type, undone, 'One or more endpoints do not have a zone specified');
    }
    const inOwnZones = written.map((slice) => withOwnZones(slice, counts));
    const result = redistribute(inOwnZones, counts, allocations);
    const isNew = !this.#hinted.has(service);
    this.#remember(service, type, counts);
    const { length } = slices.create;
    return {
      slices: { create: result.slice(0, length), update: result.slice(length), unchanged: kept },
      events: isNew
        ? [event('Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled', type)]
        : [],
    };
  }

  /** The Service has no hints by this any more. @returns what is to be told, if it had some */
  dropHints(service: string, type: AddressType): readonly TopologyEvent[] {
    const had = this.#hinted.has(service);
    this.forget(service, type);
    return had ? [event('Warning', 'TopologyAwareHintsDisabled', 'Topology Aware Hints has been disabled', type)] : [];
  }

  /** The Service has no addresses of the type any more. */
  forget(service: string, type: AddressType): void {
    const types = this.#counts.get(service);
    types?.delete(type);
    if (types?.size === 0) this.#counts.delete(service);
    this.#hinted.delete(service);
  }

  #refuse(service: string, type: AddressType, slices: SliceSet, why: string): Hinted {
    this.forget(service, type);
    return { slices: withoutHints(slices), events: [event('Warning', 'TopologyAwareHintsDisabled', why, type)] };
  }

  #remember(service: string, type: AddressType, counts: ZoneCounts): void {
    const types = this.#counts.get(service) ?? new Map<AddressType, ZoneCounts>();
    types.set(type, counts);
    this.#counts.set(service, types);
    this.#hinted.add(service);
  }
}

/** Which slices can keep the hints that they have, how many those are for each zone, and which cannot. */
function sortOut(
  slices: readonly EndpointSlice[],
  allocations: ReadonlyMap<string, Allocation>,
): { readonly kept: readonly EndpointSlice[]; readonly rest: readonly EndpointSlice[]; readonly counts: ZoneCounts } {
  const counts: ZoneCounts = new Map();
  const kept: EndpointSlice[] = [];
  const rest: EndpointSlice[] = [];
  for (const slice of slices) {
    const found = hintCounts(slice, counts, allocations);
    (found === undefined ? rest : kept).push(slice);
    for (const [zone, count] of found ?? []) add(counts, zone, count);
  }
  return { kept, rest, counts };
}

function withOwnZones(slice: EndpointSlice, counts: ZoneCounts): EndpointSlice {
  const endpoints = endpointsOf(slice).map((endpoint) => {
    if (!isReady(endpoint)) return endpoint;
    add(counts, endpoint.zone!, 1);
    return hinted(endpoint, { forZones: [{ name: endpoint.zone! }] });
  });
  return { ...slice, endpoints };
}

function event(type: 'Normal' | 'Warning', reason: string, message: string, addressType: AddressType): TopologyEvent {
  return { type, reason, message: `${message}, addressType: ${addressType}` };
}
