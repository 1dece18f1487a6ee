import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { idOf } from './manifest.ts';

/** Whether an object has become what it states: the states of kstatus. `Failed` may still become `Current`. */
export type ReadinessState = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound';

/** The state of an object, and in words why. */
export interface Readiness {
  readonly state: ReadinessState;
  readonly message: string;
}

/** How long a pod may be unscheduled before that is a failure. */
const SCHEDULE_MS = 15_000;

/**
 * Whether an object is ready, as kstatus of sigs.k8s.io/cli-utils tells it, in its words: it is no longer wanted, or its
 * status is of an older generation; it has the conditions Reconciling or Stalled; what its kind has; the condition Ready.
 * An object that says none of this is ready.
 *
 * @param nowMs since 1970
 */
export function readinessOf(object: KubeObject, nowMs: number): Readiness {
  const status = statusOf(object);
  return (
    terminating(object) ??
    behind(object, status) ??
    standardCondition(status) ??
    BY_KIND[typeOf(object)]?.(object, status, nowMs) ??
    readyCondition(status) ??
    current('Resource is current')
  );
}

type Rule = (object: KubeObject, status: JsonObject, nowMs: number) => Readiness | undefined;

const always: Rule = () => current('Resource is always ready');

const BY_KIND: Readonly<Record<string, Rule>> = {
  Secret: always,
  ConfigMap: always,
  'CronJob.batch': always,
  'PodDisruptionBudget.policy': () => current('AllowedDisruptions has been computed.'),
  Service: service,
  Pod: pod,
  PersistentVolumeClaim: claim,
  'StatefulSet.apps': statefulSet,
  'DaemonSet.apps': daemonSet,
  'Deployment.apps': deployment,
  'ReplicaSet.apps': replicaSet,
  'Job.batch': job,
  'CustomResourceDefinition.apiextensions.k8s.io': definition,
};

function typeOf(object: KubeObject): string {
  const { group, kind } = idOf(object);
  return group === '' ? kind : `${kind}.${group}`;
}

function terminating({ metadata }: KubeObject): Readiness | undefined {
  return metadata.deletionTimestamp ? { state: 'Terminating', message: 'Resource scheduled for deletion' } : undefined;
}

function behind({ kind, metadata }: KubeObject, status: JsonObject): Readiness | undefined {
  const { generation } = metadata;
  const observed = status.observedGeneration;
  if (generation === undefined || observed === undefined || observed === generation) return undefined;
  return inProgress(`${kind} generation is ${generation}, but latest observed generation is ${String(observed)}`);
}

function standardCondition(status: JsonObject): Readiness | undefined {
  for (const { type, status: value, message } of conditionsOf(status)) {
    if (type === 'Reconciling' && value === 'True') return inProgress(message);
    if (type === 'Stalled' && value === 'True') return failed(message);
  }
  return undefined;
}

/** Not in Kubernetes' conventions, but many have it. */
function readyCondition(status: JsonObject): Readiness | undefined {
  const ready = conditionsOf(status).find(({ type }) => type === 'Ready');
  if (ready === undefined) return undefined;
  if (ready.status === 'True') return current('Resource is Ready');
  return inProgress(ready.message);
}

function service({ spec }: KubeObject): Readiness {
  const waits = spec?.type === 'LoadBalancer' && !spec.clusterIP;
  return waits ? inProgress('ClusterIP not set. Service type: LoadBalancer') : current('Service is ready');
}

function claim(_object: KubeObject, status: JsonObject): Readiness {
  const phase = textAt(status, 'phase', 'unknown');
  return phase === 'Bound' ? current('PVC is Bound') : inProgress(`PVC is not Bound. phase: ${phase}`);
}

function pod({ metadata }: KubeObject, status: JsonObject, nowMs: number): Readiness {
  const phase = textAt(status, 'phase', '');
  if (phase === 'Succeeded') return current('Pod has completed successfully');
  if (phase === 'Failed') return current('Pod has completed, but not successfully');
  if (phase === 'Running') return runningPod(status);
  if (phase !== 'Pending') return inProgress(phase === '' ? 'Pod phase not available' : `unknown phase ${phase}`);
  const scheduled = conditionsOf(status).find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable')
    return inProgress('Pod is in the Pending phase');
  const age = nowMs - Date.parse(metadata.creationTimestamp ?? '');
  return age < SCHEDULE_MS ? inProgress('Pod has not been scheduled') : failed('Pod could not be scheduled');
}

function runningPod(status: JsonObject): Readiness {
  if (hasCondition(status, 'Ready')) return current('Pod is Ready');
  const crashing = itemsAt(status, 'containerStatuses')
    .filter((one) => waitingReason(one) === 'CrashLoopBackOff')
    .map(({ name }) => String(name));
  if (crashing.length > 0) return failed(`Containers in CrashLoop state: ${crashing.join(',')}`);
  return inProgress('Pod is running but is not Ready');
}

function waitingReason({ state }: JsonObject): JsonValue | undefined {
  return isJsonObject(state) && isJsonObject(state.waiting) ? state.waiting.reason : undefined;
}

function statefulSet({ spec }: KubeObject, status: JsonObject): Readiness {
  const strategy = spec?.updateStrategy;
  if (strategy?.type === 'OnDelete') return current('StatefulSet is using the ondelete update strategy');
  const wanted = numberOf(spec?.replicas, 1);
  const count = (field: string): number => numberOf(status[field], 0);
  const partition = strategy?.rollingUpdate?.partition;
  const less =
    lessThan('Replicas', count('replicas'), wanted) ??
    lessThan('Ready', count('readyReplicas'), wanted) ??
    extraPods(count('replicas'), wanted);
  if (less !== undefined) return less;
  if (typeof partition === 'number')
    return (
      lessThan('updated', count('updatedReplicas'), wanted - partition) ??
      current(`Partition rollout complete. updated: ${count('updatedReplicas')}`)
    );
  if (status.currentRevision !== status.updateRevision && count('currentReplicas') >= wanted)
    return inProgress('Waiting for updated revision to match current');
  return (
    lessThan('current', count('currentReplicas'), wanted) ??
    current(`All replicas scheduled as expected. Replicas: ${count('replicas')}`)
  );
}

/** What the controller sets at the latest when it has found out that there are too few. */
const NO_DEADLINE = 2 ** 31 - 1;

function deployment({ spec }: KubeObject, status: JsonObject): Readiness {
  const progress = conditionsOf(status).filter(({ type }) => type === 'Progressing');
  if (progress.some(({ reason }) => reason === 'ProgressDeadlineExceeded')) return failed('Progress deadline exceeded');
  const wanted = numberOf(spec?.replicas, 1);
  const count = (field: string): number => numberOf(status[field], 0);
  const less =
    lessThan('Replicas', count('replicas'), wanted) ??
    lessThan('Updated', count('updatedReplicas'), wanted) ??
    extraPods(count('replicas'), wanted) ??
    lessThan('Available', count('availableReplicas'), count('updatedReplicas')) ??
    lessThan('Ready', count('readyReplicas'), wanted);
  if (less !== undefined) return less;
  // without a deadline the controller states no progress
  const progressed =
    numberOf(spec?.progressDeadlineSeconds, NO_DEADLINE) === NO_DEADLINE ||
    progress.some(({ status: value, reason }) => value === 'True' && reason === 'NewReplicaSetAvailable');
  if (!progressed) return inProgress('ReplicaSet not Available');
  if (!hasCondition(status, 'Available')) return inProgress('Deployment not Available');
  return current(`Deployment is available. Replicas: ${count('replicas')}`);
}

function replicaSet({ spec }: KubeObject, status: JsonObject): Readiness {
  if (hasCondition(status, 'ReplicaFailure')) return inProgress('Replica Failure condition. Check Pods');
  const wanted = numberOf(spec?.replicas, 1);
  const count = (field: string): number => numberOf(status[field], 0);
  return (
    lessThan('Labelled', count('fullyLabeledReplicas'), wanted) ??
    lessThan('Available', count('availableReplicas'), wanted) ??
    lessThan('Ready', count('readyReplicas'), wanted) ??
    extraPods(count('replicas'), wanted) ??
    current(`ReplicaSet is available. Replicas: ${count('replicas')}`)
  );
}

function daemonSet({ kind, metadata }: KubeObject, status: JsonObject): Readiness {
  // a controller that has seen it has said so
  if (metadata.generation === undefined) return inProgress(`${kind} metadata.generation not found`);
  if (status.observedGeneration === undefined) return inProgress(`${kind} status.observedGeneration not found`);
  if (status.desiredNumberScheduled === undefined) return inProgress('Missing .status.desiredNumberScheduled');
  const wanted = numberOf(status.desiredNumberScheduled, 0);
  const count = (field: string): number => numberOf(status[field], 0);
  return (
    lessThan('Current', count('currentNumberScheduled'), wanted) ??
    lessThan('Updated', count('updatedNumberScheduled'), wanted) ??
    lessThan('Available', count('numberAvailable'), wanted) ??
    lessThan('Ready', count('numberReady'), wanted) ??
    current(`All replicas scheduled as expected. Replicas: ${wanted}`)
  );
}

/** Ready as soon as it runs: that it ends may take days. */
function job({ spec }: KubeObject, status: JsonObject): Readiness {
  const completions = numberOf(spec?.completions, numberOf(spec?.parallelism, 1));
  const count = (field: string): number => numberOf(status[field], 0);
  for (const { type, status: value } of conditionsOf(status)) {
    if (value !== 'True') continue;
    if (type === 'Complete') return current(`Job Completed. succeeded: ${count('succeeded')}/${completions}`);
    if (type === 'Failed') return failed(`Job Failed. failed: ${count('failed')}/${completions}`);
  }
  if (textAt(status, 'startTime', '') === '') return inProgress('Job not started');
  return current(
    `Job in progress. success:${count('succeeded')}, active: ${count('active')}, failed: ${count('failed')}`,
  );
}

function definition(_object: KubeObject, status: JsonObject): Readiness {
  for (const { type, status: value, reason, message } of conditionsOf(status)) {
    if (type === 'NamesAccepted' && value === 'False') return failed(message);
    if (type === 'Established' && value === 'False' && reason !== 'Installing') return failed(message);
    if (type === 'Established' && value === 'True') return current('CRD is established');
  }
  return inProgress('Install in progress');
}

function current(message: string): Readiness {
  return { state: 'Current', message };
}

function inProgress(message: string): Readiness {
  return { state: 'InProgress', message };
}

function failed(message: string): Readiness {
  return { state: 'Failed', message };
}

function lessThan(what: string, have: number, wanted: number): Readiness | undefined {
  return have < wanted ? inProgress(`${what}: ${have}/${wanted}`) : undefined;
}

function extraPods(have: number, wanted: number): Readiness | undefined {
  return have > wanted ? inProgress(`Pending termination: ${have - wanted}`) : undefined;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function conditionsOf(status: JsonObject): Condition[] {
  return itemsAt(status, 'conditions').map((condition) => ({
    type: textAt(condition, 'type', ''),
    status: textAt(condition, 'status', ''),
    reason: textAt(condition, 'reason', ''),
    message: textAt(condition, 'message', ''),
  }));
}

function hasCondition(status: JsonObject, type: string): boolean {
  return conditionsOf(status).some((condition) => condition.type === type && condition.status === 'True');
}

function statusOf({ status }: KubeObject): JsonObject {
  return isJsonObject(status) ? status : {};
}

function itemsAt(object: JsonObject, field: string): JsonObject[] {
  const items = object[field];
  return Array.isArray(items) ? items.filter(isJsonObject) : [];
}

function textAt(object: JsonObject, field: string, otherwise: string): string {
  const value = object[field];
  return typeof value === 'string' ? value : otherwise;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
