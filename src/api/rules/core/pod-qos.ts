import { parseQuantity, type Quantity } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** How a pod's containers are treated when a node runs out of cpu or memory. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The class that follows from the resources of the pod or, where it has none, of all its containers. */
export function podQosClass(spec: Loose): QosClass {
  const holders = spec.resources ? [spec] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const [requests, limits] = [sum(holders, 'requests'), sum(holders, 'limits')];
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const limited = holders.every((holder) => sum([holder], 'limits').size === 2 || isUnlimitedPod(spec));
  const equal = [...requests].every(([name, amount]) => limits.get(name)?.cmp(amount) === 0);
  return limited && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

/** A pod's own resources without limits do not count against it, as those of a container would. */
function isUnlimitedPod(spec: Loose): boolean {
  return spec.resources !== undefined && Object.keys(spec.resources.limits ?? {}).length === 0;
}

/** The sums of cpu and memory above zero. */
function sum(holders: Loose[], which: 'requests' | 'limits'): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const { resources } of holders) {
    for (const name of ['cpu', 'memory']) {
      const amount = resources?.[which]?.[name];
      if (amount === undefined || parseQuantity(amount).sign() <= 0) continue;
      sums.set(name, sums.get(name)?.add(parseQuantity(amount)) ?? parseQuantity(amount));
    }
  }
  return sums;
}
