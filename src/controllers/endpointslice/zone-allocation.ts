import type { Endpoint, EndpointSlice } from '../services/endpoint-slice.ts';
import { endpointsOf, hinted, isReady } from './traffic-distribution.ts';

/** An endpoint may have so much more than its share. */
const OVERLOAD = 0.2;

/** How many endpoints a zone is to have. */
export interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

/** How many endpoints each zone has. */
export type ZoneCounts = Map<string, number>;

/** How endpoints are to be shared out by the CPUs of the zones; a text says why they cannot be. */
export function allocate(
  ratios: ReadonlyMap<string, number> | undefined,
  count: number,
): ReadonlyMap<string, Allocation> | string {
  if (ratios === undefined) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  }
  const numbers = `(${count} endpoints, ${ratios.size} zones)`;
  if (ratios.size > count) return `Insufficient number of endpoints ${numbers}`;
  const minimums = new Map([...ratios].map(([zone, ratio]) => [zone, minimumOf(ratio * count)]));
  const total = [...minimums.values()].reduce((sum, minimum) => sum + minimum, 0);
  if (total > count) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`;
  }
  return new Map(
    [...minimums].map(([zone, minimum]) => {
      const desired = Math.max(ratios.get(zone)! * count, minimum);
      return [zone, { minimum, maximum: minimum + count - total, desired }];
    }),
  );
}

/** Whether a zone has fewer endpoints than it needs. */
export function isOverloaded(counts: ZoneCounts, ratios: ReadonlyMap<string, number> | undefined): boolean {
  if (counts.size === 0) return false;
  if (ratios === undefined) return true;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...ratios].some(([zone, ratio]) => {
    const count = counts.get(zone);
    return count === undefined || count < minimumOf(total * ratio);
  });
}

/** How many hints a slice has for each zone; undefined: they cannot stay as they are. */
export function hintCounts(
  slice: EndpointSlice,
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): ZoneCounts | undefined {
  const found: ZoneCounts = new Map();
  for (const { hints } of endpointsOf(slice).filter(isReady)) {
    const zones = (hints?.forZones ?? []).map(({ name }) => name);
    if (zones.length === 0 || zones.some((zone) => !allocations.has(zone))) return undefined;
    for (const zone of zones) add(found, zone, 1);
  }
  const isTooMuch = ([zone, count]: [string, number]): boolean =>
    count + (counts.get(zone) ?? 0) > allocations.get(zone)!.maximum;
  return [...found].some(isTooMuch) ? undefined : found;
}

/** Lets zones that have more endpoints than they need give some to others; `counts` is kept right. */
export function redistribute(
  slices: readonly EndpointSlice[],
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): readonly EndpointSlice[] {
  const { giving, receiving } = gifts(counts, allocations);
  const moved = (endpoint: Endpoint): Endpoint => {
    const from = endpoint.zone ?? '';
    const [to] = receiving.keys();
    if (!isReady(endpoint) || to === undefined || !giving.has(from)) return endpoint;
    take(giving, from);
    take(receiving, to);
    add(counts, to, 1);
    add(counts, from, -1);
    return hinted(endpoint, { forZones: [{ name: to }] });
  };
  return slices.map((slice) => ({ ...slice, endpoints: endpointsOf(slice).map(moved) }));
}

/** Which zones give how many endpoints, and which receive them. */
function gifts(
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): { readonly giving: ZoneCounts; readonly receiving: ZoneCounts } {
  const tooMany: ZoneCounts = new Map();
  const tooFew: ZoneCounts = new Map();
  for (const [zone, { desired }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - desired;
    if (difference > 0) tooMany.set(zone, difference);
    if (difference < 0) tooFew.set(zone, -difference);
  }
  const giving: ZoneCounts = new Map();
  const receiving: ZoneCounts = new Map();
  for (;;) {
    const [from, give] = most(tooMany);
    const [to, receive] = most(tooFew);
    // less than a whole one on both sides, or less than half a one on either, is not worth it
    if ((give < 1 && receive < 1) || give < 0.5 || receive < 0.5) return { giving, receiving };
    add(giving, from, 1);
    add(tooMany, from, -1);
    add(receiving, to, 1);
    add(tooFew, to, -1);
  }
}

function minimumOf(desired: number): number {
  return Math.ceil(desired * (1 / (1 + OVERLOAD)));
}

function most(counts: ZoneCounts): readonly [string, number] {
  let found: readonly [string, number] = ['', 0];
  for (const entry of counts) if (entry[1] > found[1]) found = entry;
  return found;
}

/** Adds to what a zone has. */
export function add(counts: ZoneCounts, zone: string, count: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + count);
}

function take(counts: ZoneCounts, zone: string): void {
  const left = counts.get(zone)! - 1;
  if (left === 0) counts.delete(zone);
  else counts.set(zone, left);
}
