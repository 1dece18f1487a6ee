import { type Endpoint, type EndpointSlice, isSameEndpoint, keyOfEndpoint } from '../services/endpoint-slice.ts';

/** What is to be done with slices; those to update are copies, which may be changed. */
export interface SliceChanges {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** What is to be in the slices with the same ports. */
export interface Wanted {
  /** By what makes an endpoint the same one. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly maxPerSlice: number;
  /** Makes a slice without a name and endpoints. */
  readonly newSlice: () => EndpointSlice;
  /** Whether a slice must be written for its labels. */
  readonly isOutdated: (slice: EndpointSlice) => boolean;
  /** The slice with the labels that it shall have. */
  readonly withLabels: (slice: EndpointSlice) => EndpointSlice;
}

/** A slice, and what becomes of it. */
interface Place {
  readonly slice: EndpointSlice;
  endpoints: readonly Endpoint[];
  fate: 'keep' | 'update' | 'delete';
}

/**
 * Puts endpoints into slices with as few writes as can be: what is there stays where it is, new ones come into slices that
 * are written anyway, then into the one that they fill best, and then into new slices.
 */
export function pack(existing: readonly EndpointSlice[], wanted: Wanted): SliceChanges {
  const left = new Map(wanted.endpoints);
  const places = existing.map((slice) => placeOf(slice, wanted, left));
  const updated = places.filter(({ fate }) => fate === 'update');
  updated.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const place of updated) fill(place, left, wanted.maxPerSlice);
  const created: Place[] = [];
  while (left.size > 0) {
    const place = bestPlace(places, left.size, wanted.maxPerSlice) ?? newPlace(wanted, created);
    place.fate = 'update';
    fill(place, left, wanted.maxPerSlice);
  }
  const withFate = (fate: Place['fate']): readonly Place[] => places.filter((place) => place.fate === fate);
  return {
    create: created.map(({ slice, endpoints }) => ({ ...slice, endpoints })),
    update: withFate('update').map(({ slice, endpoints }) => ({ ...wanted.withLabels(slice), endpoints })),
    delete: withFate('delete').map(({ slice }) => slice),
  };
}

/** What stays of a slice; what it has is no longer left to place. */
function placeOf(slice: EndpointSlice, wanted: Wanted, left: Map<string, Endpoint>): Place {
  const before = slice.endpoints ?? [];
  const endpoints: Endpoint[] = [];
  let isChanged = false;
  for (const old of before) {
    const key = keyOfEndpoint(old);
    const endpoint = left.get(key);
    if (endpoint === undefined) continue;
    left.delete(key);
    endpoints.push(endpoint);
    isChanged ||= !isSameEndpoint(endpoint, old);
  }
  if (!isChanged && endpoints.length === before.length) {
    return { slice, endpoints: before, fate: wanted.isOutdated(slice) ? 'update' : 'keep' };
  }
  return { slice, endpoints, fate: endpoints.length === 0 ? 'delete' : 'update' };
}

/** The slice that is nearest to full when it has so many more. */
function bestPlace(places: readonly Place[], count: number, max: number): Place | undefined {
  if (count >= max) return undefined;
  const room = ({ endpoints }: Place): number => max - endpoints.length - count;
  return places
    .filter((place) => place.fate === 'keep' && room(place) >= 0 && room(place) < max)
    .toSorted((a, b) => room(a) - room(b))[0];
}

function newPlace({ newSlice }: Wanted, created: Place[]): Place {
  const place: Place = { slice: newSlice(), endpoints: [], fate: 'update' };
  created.push(place);
  return place;
}

function fill(place: Place, left: Map<string, Endpoint>, max: number): void {
  const chosen = [...left].slice(0, Math.max(0, max - place.endpoints.length));
  place.endpoints = [...place.endpoints, ...chosen.map(([, endpoint]) => endpoint)];
  for (const [key] of chosen) left.delete(key);
}
