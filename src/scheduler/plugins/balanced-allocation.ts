import type { NodeInfo } from '../cluster/node-info.ts';
import { requestsOf } from '../cluster/resources.ts';
import { MAX_SCORE, type ScorePlugin } from './plugin.ts';

/** The more the shares of CPU and memory that are taken become alike by the pod, the better. */
export const balancedAllocationScore: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare({ pod }) {
    const wanted = requestsOf(pod);
    const [cpu, memory] = [wanted.get('cpu') ?? 0, wanted.get('memory') ?? 0];
    return cpu === 0 && memory === 0 ? undefined : { score: (node) => balance(cpu, memory, node) };
  },
};

function balance(cpu: number, memory: number, node: NodeInfo): number {
  const half = MAX_SCORE / 2;
  const after = balanceOf(shareOf('cpu', node, cpu), shareOf('memory', node, memory));
  const before = balanceOf(shareOf('cpu', node), shareOf('memory', node));
  return half + Math.trunc((half + after - before) / 2);
}

/** Which share of what the node has is taken, if so much more is; undefined: it has none. */
function shareOf(name: string, { allocatable, requested }: NodeInfo, more = 0): number | undefined {
  const all = allocatable.get(name) ?? 0;
  return all === 0 ? undefined : Math.min(1, ((requested.get(name) ?? 0) + more) / all);
}

/** One alone is in balance with itself. */
function balanceOf(one: number | undefined, other: number | undefined): number {
  if (one === undefined || other === undefined) return MAX_SCORE;
  return Math.trunc((1 - Math.abs((one - other) / 2)) * MAX_SCORE);
}
