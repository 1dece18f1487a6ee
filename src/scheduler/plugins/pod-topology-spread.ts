import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import { type ClusterEvent, type FilterPlugin, isAbout, type PreparedFilter, type World } from './plugin.ts';
import { countOf, hardConstraints, hasAllKeys, type SpreadConstraint } from './spread-constraints.ts';

const NAME = 'PodTopologySpread';
const MISMATCH = "node(s) didn't match pod topology spread constraints";
const SKEW = { plugin: NAME, reasons: [MISMATCH], isResolvable: true };
const NO_LABEL = { plugin: NAME, reasons: [`${MISMATCH} (missing required label)`], isResolvable: false };

/** No part of a topology has many more pods of a sort than another. */
export const spreadFilter: FilterPlugin = {
  name: NAME,
  prepare(pod, world) {
    const constraints = hardConstraints(pod.pod);
    return constraints.length === 0 ? undefined : new SpreadFilter(pod.pod, constraints, world);
  },
  isHelped(pod, event) {
    return event.resource === 'Node' ? isHelpedByNode(pod, event) : isHelpedByPod(pod, event);
  },
};

/** How many pods there are in each part of a topology. */
class Parts {
  readonly counts = new Map<string, number>();
  #least: number | undefined;

  add(value: string, count: number): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + count);
    this.#least = undefined;
  }

  /** Of the part that has the fewest; with fewer parts than there shall be, zero. */
  least(minDomains: number): number {
    if (this.counts.size < minDomains) return 0;
    this.#least ??= Math.min(...this.counts.values());
    return this.#least;
  }
}

class SpreadFilter implements PreparedFilter {
  readonly #pod: Pod;
  readonly #constraints: readonly SpreadConstraint[];
  readonly #parts: readonly Parts[];
  /** By constraints, how much the pod itself counts. */
  readonly #self: readonly number[];

  constructor(pod: Pod, constraints: readonly SpreadConstraint[], world: World) {
    this.#pod = pod;
    this.#constraints = constraints;
    this.#parts = constraints.map(() => new Parts());
    this.#self = constraints.map(({ selector }) => (selector.matches(pod.metadata.labels) ? 1 : 0));
    const counts = constraints.map((constraint) => countOf(constraint, pod, world));
    for (const info of world.cluster.nodes) {
      if (!hasAllKeys(info.labels, constraints)) continue;
      for (const [index, constraint] of constraints.entries()) {
        if (!constraint.includes(info.node!)) continue;
        this.#parts[index]!.add(info.labels[constraint.topologyKey]!, counts[index]!.byNode.get(info) ?? 0);
      }
    }
  }

  filter({ labels }: NodeInfo): typeof SKEW | typeof NO_LABEL | undefined {
    for (const [index, { topologyKey, maxSkew, minDomains }] of this.#constraints.entries()) {
      const value = labels[topologyKey];
      if (value === undefined) return NO_LABEL;
      const parts = this.#parts[index]!;
      const skew = (parts.counts.get(value) ?? 0) + this.#self[index]! - parts.least(minDomains);
      if (skew > maxSkew) return SKEW;
    }
    return undefined;
  }

  change({ node, labels }: NodeInfo, { pod }: PodInfo, sign: 1 | -1): void {
    const isOfNamespace = pod.metadata.namespace === this.#pod.metadata.namespace;
    if (!isOfNamespace || !hasAllKeys(labels, this.#constraints)) return;
    for (const [index, { selector, includes, topologyKey }] of this.#constraints.entries()) {
      if (selector.matches(pod.metadata.labels) && includes(node!)) this.#parts[index]!.add(labels[topologyKey]!, sign);
    }
  }
}

function isHelpedByPod(pod: Pod, event: ClusterEvent): boolean {
  const isCounted = ['Add', 'Delete', 'UpdatePodLabel', 'UpdatePodToleration'].includes(event.action);
  const [old, now] = [event.old as Pod | undefined, event.object as Pod | undefined];
  if (!isCounted || [old, now].some((one) => one !== undefined && !isInvolved(one, pod))) return false;
  const constraints = hardConstraints(pod);
  const matches = (one: Pod | undefined): boolean =>
    one !== undefined && constraints.some(({ selector }) => selector.matches(one.metadata.labels));
  if (old === undefined || now === undefined) return matches(old ?? now);
  const isTolerant = event.action === 'UpdatePodToleration' && isAbout(pod, event);
  if (isTolerant && constraints.some(({ honorsTaints }) => honorsTaints)) return true;
  return constraints.some(
    ({ selector }) => selector.matches(old.metadata.labels) !== selector.matches(now.metadata.labels),
  );
}

function isInvolved(other: Pod, pod: Pod): boolean {
  if (other.metadata.uid === pod.metadata.uid) return true;
  const isPlaced = Boolean(other.spec.nodeName) || Boolean(other.status?.nominatedNodeName);
  return isPlaced && other.metadata.namespace === pod.metadata.namespace;
}

function isHelpedByNode(pod: Pod, { action, old, object }: ClusterEvent): boolean {
  if (!['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'].includes(action)) return false;
  const constraints = hardConstraints(pod);
  const [before, now] = [old as Node | undefined, object as Node | undefined];
  const counts = (node: Node | undefined): boolean =>
    node !== undefined && hasAllKeys(node.metadata.labels ?? {}, constraints);
  if (before === undefined || now === undefined) return counts(before ?? now);
  if (counts(before) !== counts(now)) return true;
  const hasMoved = constraints.some(
    ({ topologyKey: key }) => before.metadata.labels?.[key] !== now.metadata.labels?.[key],
  );
  return counts(now) && (hasMoved || action === 'UpdateNodeTaint');
}
