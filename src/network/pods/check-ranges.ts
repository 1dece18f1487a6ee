import { contains, formatRange, parseRange, type Range, sizeOf } from './ranges.ts';

/** What is to be made of addresses. */
export interface RangesOptions {
  /** Of pods; `10.244.0.0/16` by default. */
  readonly podRange?: string;
  /** Of services; `10.0.0.0/24` by default. */
  readonly serviceRange?: string;
  /** How many nodes share the range of pods; 1 by default. */
  readonly nodes?: number;
}

/** Where cluster IPs come from by default. */
export const SERVICE_RANGE = '10.0.0.0/24';
/** Where pods' addresses come from by default. */
export const POD_RANGE = '10.244.0.0/16';

/** As long as the controllers of a cluster have a node's range by default. */
const USUAL_PREFIX = 24;
/** A node's range has at least 8 addresses. */
const LONGEST_PREFIX = 29;

/** Why a cluster cannot have these ranges; undefined if it can. */
export function whyNotRanges({
  podRange = POD_RANGE,
  serviceRange = SERVICE_RANGE,
  nodes = 1,
}: RangesOptions): string | undefined {
  try {
    const [pods, services] = [parseRange(podRange), parseRange(serviceRange)];
    if (overlap(pods, services))
      return `the ranges of pods, ${formatRange(pods)}, and of services, ${formatRange(services)}, overlap`;
    if (neededPrefix(pods, nodes) > LONGEST_PREFIX)
      return `the range of pods, ${podRange}, is not enough for ${nodes} nodes`;
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** How many bits the addresses of a node's range have in common, so that there is one for each: 24, or more. */
export function nodePrefixFor(podRange: string, nodes: number): number {
  return Math.max(USUAL_PREFIX, neededPrefix(parseRange(podRange), nodes));
}

function neededPrefix({ prefix }: Range, nodes: number): number {
  return prefix + Math.ceil(Math.log2(Math.max(1, nodes)));
}

/** Whether two ranges have an address in common. */
export function overlap(a: Range, b: Range): boolean {
  const [small, large] = sizeOf(a) < sizeOf(b) ? [a, b] : [b, a];
  return contains(large, small.first);
}
