import type { Endpoint, EndpointHints, EndpointSlice } from '../services/endpoint-slice.ts';
import type { Service } from '../services/service.ts';

/** The slices of a Service and address type, as they are to be after a reconcile. */
export interface SliceSet {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  /** Those that nobody writes yet. */
  readonly unchanged: readonly EndpointSlice[];
}

/** Which hints a Service asks for by `trafficDistribution`; undefined: none, or what is not known. */
export function distributionOf({ spec: { trafficDistribution = '' } }: Service): string | undefined {
  const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  return known.includes(trafficDistribution) ? trafficDistribution : undefined;
}

/** Gives all endpoints that are ready hints for their own zone, and for their own node where that is asked for. */
export function withDistribution(distribution: string, { create, update, unchanged }: SliceSet): SliceSet {
  const isOutdated = (slice: EndpointSlice): boolean =>
    endpointsOf(slice).some((one) => isReady(one) && !isSameHints(one.hints, hintsOf(one, distribution)));
  const withHints = (slice: EndpointSlice): EndpointSlice => ({
    ...slice,
    endpoints: endpointsOf(slice).map((one) => (isReady(one) ? hinted(one, hintsOf(one, distribution)) : one)),
  });
  return {
    create: create.map(withHints),
    update: [...update, ...unchanged.filter(isOutdated)].map(withHints),
    unchanged: unchanged.filter((slice) => !isOutdated(slice)),
  };
}

/** Takes all hints away. */
export function withoutHints({ create, update, unchanged }: SliceSet): SliceSet {
  const isOutdated = (slice: EndpointSlice): boolean => endpointsOf(slice).some(({ hints }) => hints);
  const bare = (slice: EndpointSlice): EndpointSlice => ({
    ...slice,
    endpoints: endpointsOf(slice).map((one) => hinted(one, undefined)),
  });
  return {
    create: create.map(bare),
    update: [...update, ...unchanged.filter(isOutdated)].map(bare),
    unchanged: unchanged.filter((slice) => !isOutdated(slice)),
  };
}

/** The endpoints of a slice. */
export function endpointsOf({ endpoints }: EndpointSlice): readonly Endpoint[] {
  return endpoints ?? [];
}

/** Whether an endpoint takes traffic. */
export function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true;
}

/** The endpoint with these hints, and no others. */
export function hinted({ hints: _, ...endpoint }: Endpoint, hints: EndpointHints | undefined): Endpoint {
  return { ...endpoint, ...(hints && { hints }) };
}

function hintsOf({ zone, nodeName }: Endpoint, distribution: string): EndpointHints | undefined {
  const forNode = distribution === 'PreferSameNode' ? nodeName : undefined;
  if (!zone && !forNode) return undefined;
  return {
    ...(zone && { forZones: [{ name: zone }] }),
    ...(forNode && { forNodes: [{ name: forNode }] }),
  };
}

function isSameHints(a: EndpointHints | undefined, b: EndpointHints | undefined): boolean {
  const text = (hints: EndpointHints = {}): string =>
    JSON.stringify([hints.forZones ?? [], hints.forNodes ?? []].map((targets) => targets.map(({ name }) => name)));
  return text(a) === text(b);
}
