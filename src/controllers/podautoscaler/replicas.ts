import { type PodGroups, type PodMetric, withoutPods } from './pod-groups.ts';

/** How much more or less than its target a metric may be before anything is done: 0.1 is a tenth. */
export interface Tolerances {
  readonly scaleDown: number;
  readonly scaleUp: number;
}

/** How many replicas a metric asks for, and what of it is told. */
export interface Proposal {
  readonly replicas: number;
  /** The metric of a pod on average, or the metric, in thousandths. */
  readonly usage: number;
  /** In percent of what pods request. */
  readonly utilization?: number;
}

/** What a recommendation is made of. */
export interface PodUsage {
  readonly current: number;
  readonly groups: PodGroups;
  readonly metrics: ReadonlyMap<string, PodMetric>;
  readonly tolerances: Tolerances;
}

const MAX_INT32 = 2 ** 31 - 1;
const NO_METRICS = 'did not receive metrics for targeted pods (pods might be unready)';

/**
 * How many pods are needed for a metric of each to be so much on average. Pods without a metric, and those that are not
 * ready, are taken for such as would ask for the smaller change.
 *
 * @param target in thousandths
 * @throws Error if no pod that counts has a metric
 */
export function replicasForUsage(usage: PodUsage, target: number): Proposal {
  const measured = measuredPods(usage);
  const average = (values: ReadonlyMap<string, number>): number => Math.trunc(sumOf(values) / values.size);
  const found = average(measured);
  const replicas = replicasFor(usage, measured, {
    ratioOf: (values) => average(values) / target,
    missingValue: () => target,
  });
  return { replicas, usage: found };
}

/**
 * How many pods are needed for them to use so many percent of what they request.
 *
 * @param requests of each pod, in thousandths
 * @throws Error if no pod that counts has a metric and a request
 */
export function replicasForUtilization(
  usage: PodUsage,
  { target, requests }: { readonly target: number; readonly requests: ReadonlyMap<string, number> },
): Proposal {
  const measured = measuredPods(usage);
  const utilizationOf = (values: ReadonlyMap<string, number>): number => {
    const known = [...values].filter(([pod]) => requests.has(pod));
    const requested = known.reduce((sum, [pod]) => sum + requests.get(pod)!, 0);
    if (requested === 0) throw new Error('no metrics returned matched known pods');
    return Math.trunc((known.reduce((sum, [, value]) => sum + value, 0) * 100) / requested);
  };
  const utilization = utilizationOf(measured);
  const known = [...measured].filter(([pod]) => requests.has(pod));
  const replicas = replicasFor(usage, measured, {
    ratioOf: (values) => utilizationOf(values) / target,
    missingValue: (pod) => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, target)) / 100),
  });
  const total = known.reduce((sum, [, value]) => sum + value, 0);
  return { replicas, utilization, usage: Math.trunc(total / known.length) };
}

/** How many pods are needed for a metric of something else, of which there is so many times what there should be. */
export function replicasForRatio(ratio: number, current: number, ready: () => number, tolerances: Tolerances): number {
  if (current === 0) return Math.ceil(ratio);
  if (isWithin(tolerances, ratio)) return current;
  return Math.min(Math.ceil(ratio * ready()), MAX_INT32);
}

/** How many pods are needed for each to have its part of a metric of something else. */
export function replicasForParts(value: number, target: number, current: number, tolerances: Tolerances): Proposal {
  const ratio = value / (target * current);
  const replicas = isWithin(tolerances, ratio) ? current : Math.min(Math.ceil(value / target), MAX_INT32);
  return { replicas, usage: Math.ceil(value / current) };
}

function replicasFor(
  { current, groups, tolerances }: PodUsage,
  measured: ReadonlyMap<string, number>,
  how: {
    readonly ratioOf: (values: ReadonlyMap<string, number>) => number;
    /** What a pod is taken to use when few pods might do. */
    readonly missingValue: (pod: string) => number;
  },
): number {
  const ratio = how.ratioOf(measured);
  const countsUnready = groups.unready.size > 0 && ratio > 1;
  if (!countsUnready && groups.missing.size === 0) {
    return isWithin(tolerances, ratio) ? current : Math.ceil(ratio * groups.ready);
  }
  const values = new Map(measured);
  for (const pod of groups.missing) {
    if (ratio < 1) values.set(pod, how.missingValue(pod));
    else if (ratio > 1) values.set(pod, 0);
  }
  if (countsUnready) for (const pod of groups.unready) values.set(pod, 0);
  const careful = how.ratioOf(values);
  if (isWithin(tolerances, careful) || (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)) return current;
  const replicas = Math.ceil(careful * values.size);
  // that there are more or fewer pods than before is no reason to go the other way
  return (careful < 1 && replicas > current) || (careful > 1 && replicas < current) ? current : replicas;
}

/** The metrics of the pods that count. @throws Error if there are none */
export function measuredPods({ metrics, groups }: PodUsage): ReadonlyMap<string, number> {
  const left = withoutPods(metrics, [...groups.ignored, ...groups.unready]);
  if (left.size === 0) throw new Error(NO_METRICS);
  return new Map([...left].map(([pod, { value }]) => [pod, value]));
}

function sumOf(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0);
}

function isWithin({ scaleDown, scaleUp }: Tolerances, ratio: number): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
}
