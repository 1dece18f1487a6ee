import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';
import type { Loose } from '../rules/rule.ts';
import { ageOf, since } from './format.ts';

/** Cells of a pod: ready counts, a one-word status, restarts with their age, addresses. */
export function podCells(pod: KubeObject, now: Date): JsonValue[] {
  const summary = summarize(pod);
  return [
    pod.metadata.name ?? '',
    `${summary.ready}/${summary.total}`,
    statusOf(pod, summary.reason),
    formatRestarts(summary, now),
    ageOf(pod, now),
    podIp(pod.status) || '<none>',
    pod.spec?.nodeName || '<none>',
    pod.status?.nominatedNodeName || '<none>',
    readinessGates(pod),
  ];
}

/** The conditions of a pod's row: one, when it has ended. */
export function podRowConditions(pod: KubeObject): JsonObject[] {
  const phase = pod.status?.phase;
  if (phase !== 'Succeeded' && phase !== 'Failed') return [];
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return [{ type: 'Completed', status: 'True', reason: phase, message }];
}

interface Summary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  /** Of the last restart, in ms; undefined if there is none known. */
  readonly lastRestart: number | undefined;
}

function summarize(pod: KubeObject): Summary {
  const spec = pod.spec ?? {};
  const status = pod.status ?? {};
  const init = summarizeInit(spec, status);
  const total = (spec.containers ?? []).length + (spec.initContainers ?? []).filter(isSidecar).length;
  const gated = (status.conditions ?? []).some(
    (c: Loose) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated',
  );
  const reason = init.reason ?? (gated ? 'SchedulingGated' : status.reason || status.phase || '');
  if (init.reason !== undefined && !hasCondition(status, 'Initialized'))
    return { ...init, ready: init.ready, total, reason };
  return { ...summarizeContainers(status, reason, init), total };
}

interface InitSummary {
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: number | undefined;
  readonly sidecarRestarts: number;
  readonly lastSidecarRestart: number | undefined;
  /** Why the pod is still initializing; undefined when it is not. */
  readonly reason: string | undefined;
}

function summarizeInit(spec: Loose, status: Loose): InitSummary {
  const sidecars = new Set<string>((spec.initContainers ?? []).filter(isSidecar).map((c: Loose) => c.name));
  const statuses: Loose[] = status.initContainerStatuses ?? [];
  const stop = statuses.findIndex((c) => !isInitialized(c, sidecars));
  const seen = stop < 0 ? statuses : statuses.slice(0, stop + 1);
  const seenSidecars = seen.filter((c) => sidecars.has(c.name));
  return {
    ready: (stop < 0 ? seen : seen.slice(0, stop)).filter((c) => countsReady(c, sidecars)).length,
    restarts: sum(seen),
    lastRestart: latest(seen),
    sidecarRestarts: sum(seenSidecars),
    lastSidecarRestart: latest(seenSidecars),
    reason: stop < 0 ? undefined : initReason(statuses[stop], stop, (spec.initContainers ?? []).length),
  };
}

function isSidecar(container: Loose): boolean {
  return container.restartPolicy === 'Always';
}

function exitedWell(container: Loose): boolean {
  return container.state?.terminated !== undefined && (container.state.terminated.exitCode ?? 0) === 0;
}

function isInitialized(container: Loose, sidecars: ReadonlySet<string>): boolean {
  return exitedWell(container) || (sidecars.has(container.name) && container.started === true);
}

function countsReady(container: Loose, sidecars: ReadonlySet<string>): boolean {
  return !exitedWell(container) && sidecars.has(container.name) && container.ready === true;
}

function initReason(container: Loose, index: number, count: number): string {
  const { terminated, waiting } = container.state ?? {};
  if (terminated) return `Init:${terminated.reason || exitText(terminated)}`;
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
  return `Init:${index}/${count}`;
}

function exitText(terminated: Loose): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
}

function summarizeContainers(status: Loose, initial: string, init: InitSummary): Omit<Summary, 'total'> {
  const containers: Loose[] = [...(status.containerStatuses ?? [])].reverse();
  let [reason, errorReason, ready] = [initial, '', 0];
  for (const container of containers) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) {
      reason = terminated.reason || exitText(terminated);
      if (terminated.exitCode) errorReason = reason;
    } else if (container.ready && running) ready++;
  }
  return {
    ready: init.ready + ready,
    reason: reason === 'Completed' ? completedReason(status, ready > 0, errorReason) : reason,
    restarts: init.sidecarRestarts + sum(containers),
    lastRestart: later(init.lastSidecarRestart, latest(containers)),
  };
}

/** A pod one of whose containers still runs is not completed. */
function completedReason(status: Loose, hasRunning: boolean, errorReason: string): string {
  if (hasRunning && hasCondition(status, 'Ready')) return 'Running';
  return errorReason || (hasRunning ? 'NotReady' : 'Completed');
}

/** Ready: any condition of the type is true; for the others the first counts, and kubelets write one of each. */
function hasCondition(status: Loose, type: string): boolean {
  const conditions = (status.conditions ?? []).filter((c: Loose) => c.type === type);
  return type === 'Ready' ? conditions.some((c: Loose) => c.status === 'True') : conditions[0]?.status === 'True';
}

function sum(containers: readonly Loose[]): number {
  return containers.reduce((total, c) => total + (c.restartCount ?? 0), 0);
}

function latest(containers: readonly Loose[]): number | undefined {
  return containers
    .map((c) => c.lastState?.terminated?.finishedAt)
    .reduce<number | undefined>((last, time) => later(last, time ? Date.parse(time) : undefined), undefined);
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function statusOf(pod: KubeObject, reason: string): string {
  if (!pod.metadata.deletionTimestamp) return reason;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return ended ? reason : 'Terminating';
}

function formatRestarts({ restarts, lastRestart }: Summary, now: Date): string {
  if (restarts === 0 || lastRestart === undefined) return String(restarts);
  return `${restarts} (${since(new Date(lastRestart).toISOString(), now)} ago)`;
}

/** `podIP` leads where it differs from the list, as when an object is read into the internal version. */
function podIp(status: Loose): string {
  return status?.podIP || status?.podIPs?.[0]?.ip || '';
}

function readinessGates(pod: KubeObject): string {
  const gates: Loose[] = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const conditions: Loose[] = pod.status?.conditions ?? [];
  const isTrue = (gate: Loose) => conditions.find((c) => c.type === gate.conditionType)?.status === 'True';
  return `${gates.filter(isTrue).length}/${gates.length}`;
}
