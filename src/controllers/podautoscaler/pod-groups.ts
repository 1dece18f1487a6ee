import { parseQuantity } from 'nekube/apimachinery';
import { isPodReady, type Pod, timeOf } from '../pods/pod.ts';

/** A pod, as far as an autoscaler looks at it. */
export interface MeasuredPod extends Pod {
  spec: Omit<Pod['spec'], 'initContainers'> & {
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly containers?: readonly MeasuredContainer[];
    readonly initContainers?: readonly MeasuredContainer[];
  };
  status?: Pod['status'] & { readonly startTime?: string };
}

interface MeasuredContainer {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** A metric of a pod, in thousandths. */
export interface PodMetric {
  readonly value: number;
  readonly timestamp: number;
  /** Over so long it was measured. */
  readonly windowMs: number;
}

/** Pods by what their metrics are worth. */
export interface PodGroups {
  readonly ready: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

/** So long after its start what a pod needs of the CPU is that of its start. */
const CPU_START_MS = 300_000;
/** So long a pod that is not ready may have been starting. */
const READINESS_DELAY_MS = 30_000;

/** Sorts pods: on their way out or failed, not ready, without a metric, and those that count. */
export function groupPods(
  pods: readonly MeasuredPod[],
  metrics: ReadonlyMap<string, PodMetric>,
  { resource, now }: { readonly resource: string; readonly now: number },
): PodGroups {
  const [unready, missing, ignored] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let ready = 0;
  for (const pod of pods) {
    const name = pod.metadata.name!;
    const metric = metrics.get(name);
    if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') ignored.add(name);
    else if (pod.status?.phase === 'Pending') unready.add(name);
    else if (metric === undefined) missing.add(name);
    else if (resource === 'cpu' && isStarting(pod, metric, now)) unready.add(name);
    else ready++;
  }
  return { ready, unready, missing, ignored };
}

/** How many pods run and are ready. @throws Error if there are no pods */
export function readyCount(pods: readonly MeasuredPod[]): number {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  return pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
}

/** Metrics without those of some pods. */
export function withoutPods(
  metrics: ReadonlyMap<string, PodMetric>,
  pods: readonly string[],
): ReadonlyMap<string, PodMetric> {
  return new Map([...metrics].filter(([pod]) => !pods.includes(pod)));
}

/**
 * What each pod requests of a resource, in thousandths; of one container, or of all and for the pod as a whole.
 *
 * @throws Error for a pod that requests none
 */
export function requestsOf(
  pods: readonly MeasuredPod[],
  resource: string,
  container: string | undefined,
): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name!, requestOf(pod, resource, container)]));
}

function requestOf({ metadata: { name }, spec }: MeasuredPod, resource: string, only: string | undefined): number {
  const ofPod = spec.resources?.requests ?? {};
  if (only === undefined && Object.keys(ofPod).length > 0 && ofPod[resource] !== undefined)
    return milli(ofPod[resource]);
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const all = [...(spec.containers ?? []), ...sidecars];
  const chosen = all.filter((one) => only === undefined || one.name === only);
  if (only !== undefined && chosen.length === 0) throw new Error(`container ${only} not found in Pod ${name}`);
  return chosen.reduce((sum, one) => {
    const request = one.resources?.requests?.[resource];
    if (request === undefined) {
      throw new Error(`missing request for ${resource} in container ${one.name} of Pod ${name}`);
    }
    return sum + milli(request);
  }, 0);
}

/** A quantity in thousandths. */
export function milli(quantity: string): number {
  return Number(parseQuantity(String(quantity)).milliValue());
}

function isStarting({ status }: MeasuredPod, { timestamp, windowMs }: PodMetric, now: number): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  const started = timeOf(status?.startTime);
  if (condition === undefined || started === undefined) return true;
  const isFalse = condition.status === 'False';
  const since = timeOf(condition.lastTransitionTime) ?? 0;
  if (started + CPU_START_MS > now) return isFalse || timestamp < since + windowMs;
  return isFalse && started + READINESS_DELAY_MS > since;
}
