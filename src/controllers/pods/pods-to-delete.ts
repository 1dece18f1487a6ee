import { isPodActive, isPodReady, type Pod, readySince, timeOf } from './pod.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
/** A cost as Go reads an int32, and no other way to write it. */
const INT32 = /^(0|-?[1-9]\d*)$/;

/** Says that one pod goes rather than another (negative), or the other way round. */
type Comparison = (a: Pod, b: Pod) => number;

/**
 * Chooses which pods go when there are too many, as ReplicaSets choose: rather those that run nowhere, do not run, are not
 * ready, cost less, share their node with more pods of the same owner, are ready for a shorter time, restarted more, are
 * younger. Times count by their order of magnitude, so that not always the youngest go.
 *
 * @param related The pods of all sets of the same owner, by whose number on a node pods are ranked
 */
export function choosePodsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, now: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const comparisons = comparisonsFor(neighboursOf(related), now);
  const compare: Comparison = (a, b) => {
    for (const one of comparisons) {
      const result = one(a, b);
      if (result !== 0) return result;
    }
    return 0;
  };
  return [...pods].sort(compare).slice(0, count);
}

function comparisonsFor(neighbours: (pod: Pod) => number, now: number): readonly Comparison[] {
  return [
    compareAssigned,
    (a, b) => phaseOf(a) - phaseOf(b),
    (a, b) => Number(isPodReady(a)) - Number(isPodReady(b)),
    (a, b) => costOf(a) - costOf(b),
    (a, b) => neighbours(b) - neighbours(a),
    (a, b) => (isPodReady(a) && isPodReady(b) ? compareAges([a, b], readySince, now) : 0),
    (a, b) => restartsOf(b) - restartsOf(a),
    (a, b) => sidecarRestartsOf(b) - sidecarRestartsOf(a),
    (a, b) => compareAges([a, b], ({ metadata }) => timeOf(metadata.creationTimestamp), now),
  ];
}

/** Those on a node are equal here, whichever it is. */
function compareAssigned(a: Pod, b: Pod): number {
  return Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName));
}

function phaseOf({ status }: Pod): number {
  return PHASES[status?.phase ?? ''] ?? 0;
}

function costOf({ metadata }: Pod): number {
  const text = metadata.annotations?.[COST];
  if (text === undefined || !INT32.test(text)) return 0;
  const cost = Number(text);
  return cost === (cost | 0) ? cost : 0;
}

function neighboursOf(related: readonly Pod[]): (pod: Pod) => number {
  const counts = new Map<string, number>();
  for (const { spec } of related.filter(isPodActive)) {
    const node = spec.nodeName ?? '';
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return ({ spec }) => counts.get(spec.nodeName ?? '') ?? 0;
}

/** Whose time is unknown comes first; of those whose ages are of one magnitude, that with the lesser uid. */
function compareAges([a, b]: readonly [Pod, Pod], at: (pod: Pod) => number | undefined, now: number): number {
  const [one, other] = [at(a), at(b)];
  if (one === other) return 0;
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
  const difference = magnitude(now - one) - magnitude(now - other);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** The logarithm of an age in nanoseconds, as a whole number. */
function magnitude(ageMs: number): number {
  return ageMs > 0 ? Math.trunc(Math.log2(ageMs * 1e6)) : -1;
}

function restartsOf({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount));
}

function sidecarRestartsOf({ spec, status }: Pod): number {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const names = new Set(sidecars.map(({ name }) => name));
  const statuses = (status?.initContainerStatuses ?? []).filter(({ name }) => names.has(name));
  return Math.max(0, ...statuses.map(({ restartCount = 0 }) => restartCount));
}
