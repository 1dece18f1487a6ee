import type { NodeInfo } from '../cluster/node-info.ts';
import { type Amounts, requestsOf } from '../cluster/resources.ts';
import { MAX_SCORE, type ScorePlugin } from './plugin.ts';

const RESOURCES = ['cpu', 'memory'];

/** The more the shares of CPU and memory that are taken become alike by the pod, the better. */
export const balancedAllocationScore: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare({ pod }) {
    const wanted = requestsOf(pod);
    if (RESOURCES.every((name) => (wanted.get(name) ?? 0) === 0)) return undefined;
    return { score: (node) => balance(wanted, node) };
  },
};

function balance(wanted: Amounts, node: NodeInfo): number {
  const half = MAX_SCORE / 2;
  return half + Math.trunc((half + balanceOf(wanted, node) - balanceOf(new Map(), node)) / 2);
}

function balanceOf(wanted: Amounts, { allocatable, requested }: NodeInfo): number {
  const shares = RESOURCES.flatMap((name) => {
    const all = allocatable.get(name) ?? 0;
    return all === 0 ? [] : [Math.min(1, ((requested.get(name) ?? 0) + (wanted.get(name) ?? 0)) / all)];
  });
  const deviation = shares.length === 2 ? Math.abs((shares[0]! - shares[1]!) / 2) : 0;
  return Math.trunc((1 - deviation) * MAX_SCORE);
}
