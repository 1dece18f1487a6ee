import type { EndpointAddress, EndpointSubset } from '../services/endpoints.ts';

/** So many addresses fit into one object. */
export const MAX_ADDRESSES = 1000;

/** How many addresses there are. */
export function countOf(subsets: readonly EndpointSubset[]): number {
  return ready(subsets) + notReady(subsets);
}

/** At most as many addresses as fit, ready ones first, of each subset by its part; undefined: all fit. */
export function truncated(subsets: readonly EndpointSubset[], max = MAX_ADDRESSES): EndpointSubset[] | undefined {
  if (countOf(subsets) <= max) return undefined;
  const cutsReady = ready(subsets) > max;
  const allowed = cutsReady ? max : max - ready(subsets);
  const total = cutsReady ? ready(subsets) : notReady(subsets);
  let left = allowed;
  return subsets.map((subset) => {
    const all = (cutsReady ? subset.addresses : subset.notReadyAddresses) ?? [];
    const kept = all.slice(0, Math.min(Math.ceil((all.length / total) * allowed), left));
    left -= kept.length;
    return cutsReady ? withAddresses(subset, kept, []) : withAddresses(subset, subset.addresses ?? [], kept);
  });
}

function withAddresses(
  { ports }: EndpointSubset,
  addresses: readonly EndpointAddress[],
  notReadyAddresses: readonly EndpointAddress[],
): EndpointSubset {
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports && { ports }),
  };
}

function ready(subsets: readonly EndpointSubset[]): number {
  return subsets.reduce((sum, { addresses = [] }) => sum + addresses.length, 0);
}

function notReady(subsets: readonly EndpointSubset[]): number {
  return subsets.reduce((sum, { notReadyAddresses = [] }) => sum + notReadyAddresses.length, 0);
}
