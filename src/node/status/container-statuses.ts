import { formatTime } from 'nekube/apimachinery';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import type { ContainerState, ContainerStatus, TerminatedState } from '../pod/pod-status.ts';
import { type ContainerRecord, exitOf, type Instance, isRunning, type PodRecord } from '../pod/record.ts';
import { isSidecar } from '../pod/restarts.ts';
import { shouldStart } from '../plan/plan-pod.ts';

/** The scheme of container ids: whose they are. */
const SCHEME = 'nekube://';

/** The three lists of a pod's status. */
export interface ContainerStatuses {
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
}

/** What is said of all containers of a pod; those proper by their names, init containers in their order. */
export function containerStatuses(pod: Pod, record: PodRecord): ContainerStatuses {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const reason = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statusOf = (container: Container): ContainerStatus => containerStatus(pod, container, record, reason);
  const byName = (a: ContainerStatus, b: ContainerStatus): number => (a.name < b.name ? -1 : 1);
  return {
    ...(initContainers.length > 0 && {
      initContainerStatuses: initContainers.map((one) => ({ ...statusOf(one), ...initReadiness(one, record) })),
    }),
    containerStatuses: containers.map(statusOf).sort(byName),
    ...(ephemeralContainers.length > 0 && {
      ephemeralContainerStatuses: ephemeralContainers.map((one) => ({ ...statusOf(one), ready: false })).sort(byName),
    }),
  };
}

/** Sidecars are ready as containers are, others when they are done. */
function initReadiness(container: Container, { containers }: PodRecord): { ready: boolean; started: boolean } {
  const known = containers.get(container.name);
  if (isSidecar(container)) return { ready: isReady(container, known), started: isStarted(container, known) };
  return { ready: exitOf(known)?.code === 0, started: isRunning(known) };
}

function containerStatus(pod: Pod, container: Container, record: PodRecord, unbegun: string): ContainerStatus {
  const known = record.containers.get(container.name);
  const current = known?.current;
  const { state, lastState } = statesOf(pod, container, known, unbegun);
  return {
    name: container.name,
    state,
    lastState,
    ready: isReady(container, known),
    restartCount: known?.restartCount ?? 0,
    image: current?.image ?? container.image,
    imageID: current === undefined ? '' : `${SCHEME}image/${current.image}`,
    ...(current !== undefined && {
      containerID: SCHEME + current.id,
      resources: container.resources ?? {},
      ...(container.resources?.requests && { allocatedResources: container.resources.requests }),
    }),
    started: isStarted(container, known),
    ...(container.volumeMounts && { volumeMounts: container.volumeMounts.map(mountStatus) }),
  };
}

/** Whether it runs, has started by its startup probe, and its readiness probe passes where it has one. */
export function isReady(container: Container, known: ContainerRecord | undefined): boolean {
  if (!isStarted(container, known)) return false;
  return container.readinessProbe === undefined || known!.readiness === 'passed';
}

/** Whether it runs, and its startup probe has passed where it has one. */
export function isStarted(container: Container, known: ContainerRecord | undefined): boolean {
  return isRunning(known) && (container.startupProbe === undefined || known!.startup === 'passed');
}

function statesOf(
  pod: Pod,
  container: Container,
  known: ContainerRecord | undefined,
  unbegun: string,
): { state: ContainerState; lastState: ContainerState } {
  const { current, previous, waiting } = known ?? {};
  const before = previous === undefined ? {} : { terminated: terminated(previous) };
  if (isRunning(known)) {
    return { state: { running: { startedAt: timeOf(current!.startedAt) } }, lastState: before };
  }
  const isRestarting = waiting !== undefined && pod.metadata.deletionTimestamp === undefined;
  if (current === undefined) {
    return { state: { waiting: isRestarting ? waiting : { reason: unbegun } }, lastState: before };
  }
  const ended = { terminated: terminated(current) };
  const willRun = isRestarting && (isSidecar(container) || shouldStart(pod, container, known));
  return willRun ? { state: { waiting }, lastState: ended } : { state: ended, lastState: before };
}

function terminated({ id, startedAt, exit }: Instance): TerminatedState {
  const { code, signal, reason, message, at } = exit!;
  return {
    exitCode: code,
    ...(signal !== undefined && { signal }),
    reason,
    ...(message && { message }),
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(at),
    containerID: SCHEME + id,
  };
}

function mountStatus({ name, mountPath, readOnly }: NonNullable<Container['volumeMounts']>[number]) {
  return { name, mountPath, ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }) };
}

function timeOf(ms: number): string {
  return formatTime(new Date(ms));
}
