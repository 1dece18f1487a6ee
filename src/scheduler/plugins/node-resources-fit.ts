import type { NodeInfo } from '../cluster/node-info.ts';
import { type Amounts, amountsOf, DEFAULT_REQUESTS, isScheduled, requestsOf } from '../cluster/resources.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import {
  type ClusterEvent,
  type FilterPlugin,
  isAbout,
  MAX_SCORE,
  type Rejection,
  type ScorePlugin,
} from './plugin.ts';

const NAME = 'NodeResourcesFit';

/** What is asked of a node must be left on it. */
export const resourcesFilter: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const wanted = wantedBy(pod);
    return { filter: (node) => rejectionOf(missingOn(wanted, node)) };
  },
  isHelped(pod, event) {
    return event.resource === 'Node' ? isHelpedByNode(pod, event) : isHelpedByPod(pod, event);
  },
};

/** The more is left of CPU and memory, the better. */
export const leastAllocatedScore: ScorePlugin = {
  name: NAME,
  weight: 1,
  prepare({ pod }) {
    const wanted = requestsOf(pod, { atLeast: DEFAULT_REQUESTS, containersOnly: true });
    return { score: (node) => leastAllocated(wanted, node) };
  },
};

/** Something of which there is not enough. */
interface Missing {
  readonly reason: string;
  /** Not even the empty node had enough. */
  readonly isTooMuch: boolean;
}

function wantedBy(pod: Pod): Amounts {
  return new Map([...requestsOf(pod)].filter(([name, amount]) => amount > 0 && isScheduled(name)));
}

function missingOn(wanted: Amounts, { allocatable, requested, pods }: NodeInfo): readonly Missing[] {
  const missing: Missing[] = [];
  if (pods.size + 1 > (allocatable.get('pods') ?? 0)) missing.push({ reason: 'Too many pods', isTooMuch: false });
  for (const [name, amount] of wanted) {
    const all = allocatable.get(name) ?? 0;
    if (amount > all - (requested.get(name) ?? 0)) {
      missing.push({ reason: `Insufficient ${name}`, isTooMuch: amount > all });
    }
  }
  return missing;
}

function rejectionOf(missing: readonly Missing[]): Rejection | undefined {
  if (missing.length === 0) return undefined;
  const reasons = missing.map(({ reason }) => reason);
  return { plugin: NAME, reasons, isResolvable: !missing.some(({ isTooMuch }) => isTooMuch) };
}

/** Whether it would fit on the empty node, and there is more of what it wants than there was. */
function isHelpedByNode(pod: Pod, { action, old, object }: ClusterEvent): boolean {
  if (action !== 'Add' && action !== 'UpdateNodeAllocatable') return false;
  const wanted = wantedBy(pod);
  const now = amountsOf((object as Node).status?.allocatable);
  const fits = (now.get('pods') ?? 0) >= 1 && [...wanted].every(([name, amount]) => amount <= (now.get(name) ?? 0));
  if (!fits || old === undefined) return fits;
  const before = amountsOf((old as Node).status?.allocatable);
  return ['pods', ...wanted.keys()].some((name) => (now.get(name) ?? 0) > (before.get(name) ?? 0));
}

function isHelpedByPod(pod: Pod, event: ClusterEvent): boolean {
  if (event.action === 'Delete') {
    const { spec, status } = event.old as Pod;
    return Boolean(spec.nodeName) || Boolean(status?.nominatedNodeName);
  }
  if (event.action !== 'UpdatePodScaleDown') return false;
  if (isAbout(pod, event)) return true;
  if (!(event.object as Pod).spec.nodeName) return false;
  const [before, now] = [event.old as Pod, event.object as Pod].map((one) => requestsOf(one, { withStatus: true }));
  return [...wantedBy(pod).keys()].some((name) => (before!.get(name) ?? 0) > (now!.get(name) ?? 0));
}

function leastAllocated(wanted: Amounts, { allocatable, nonZeroRequested }: NodeInfo): number {
  let sum = 0;
  let count = 0;
  for (const name of ['cpu', 'memory']) {
    const all = allocatable.get(name) ?? 0;
    if (all === 0) continue;
    const taken = (nonZeroRequested.get(name) ?? 0) + (wanted.get(name) ?? 0);
    sum += taken > all ? 0 : Math.floor(((all - taken) * MAX_SCORE) / all);
    count++;
  }
  return count === 0 ? 0 : Math.floor(sum / count);
}
