import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import type { ContainerStatus } from '../pod/pod-status.ts';
import { isSidecar, restartsAfter } from '../pod/restarts.ts';

/** How containers of a pod stand, counted. */
interface Count {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  /** Of those that stopped. */
  succeeded: number;
  final: number;
}

/** How init containers stand. */
interface InitCount {
  pending: number;
  pendingSidecars: number;
  failed: number;
}

/** What {@link phaseOf} looks at. */
export interface PhaseInput {
  /** Of init containers and containers. */
  readonly statuses: readonly ContainerStatus[];
  /** Nothing of the pod will be started again, whatever its policy. */
  readonly isOver: boolean;
}

/** The phase of a pod, by the states of its containers. */
export function phaseOf(pod: Pod, { statuses, isOver }: PhaseInput): string {
  const find = (container: Container): ContainerStatus | undefined =>
    statuses.find(({ name }) => name === container.name);
  const count: Count = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0, final: 0 };
  const init: InitCount = { pending: 0, pendingSidecars: 0, failed: 0 };
  const wasStarted = pod.spec.containers.some((one) => find(one)?.state?.running ?? find(one)?.state?.terminated);
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) countSidecar(find(container), count, init);
    else countInit(pod, container, find(container), init);
  }
  for (const container of pod.spec.containers) countContainer(pod, container, find(container), count);
  if (init.failed > 0) return 'Failed';
  if (init.pending > 0 || (init.pendingSidecars > 0 && !wasStarted) || count.waiting > 0) return 'Pending';
  return phaseOfCount(count, isOver);
}

function phaseOfCount({ unknown, running, stopped, succeeded, final }: Count, isOver: boolean): string {
  if (unknown > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (stopped === 0) return 'Pending';
  if (!isOver && stopped !== final) return 'Running';
  return stopped === succeeded ? 'Succeeded' : 'Failed';
}

function countInit(pod: Pod, container: Container, status: ContainerStatus | undefined, init: InitCount): void {
  const ended = endOf(status);
  if (ended === undefined) init.pending++;
  else if (ended.exitCode !== 0 && !restartsAfter(container, pod, ended.exitCode)) init.failed++;
  // a container that will be tried again keeps the pod from its other containers
  else if (ended.exitCode !== 0) init.pending++;
}

function countSidecar(status: ContainerStatus | undefined, count: Count, init: InitCount): void {
  if (status === undefined) count.unknown++;
  else if (status.state?.running) {
    if (!status.started) init.pendingSidecars++;
    count.running++;
  } else if (status.state?.waiting && status.lastState?.terminated === undefined) {
    init.pendingSidecars++;
    count.waiting++;
  }
}

function countContainer(pod: Pod, container: Container, status: ContainerStatus | undefined, count: Count): void {
  const ended = endOf(status);
  if (status?.state?.running) count.running++;
  else if (ended !== undefined) {
    count.stopped++;
    if (!restartsAfter(container, pod, ended.exitCode)) count.final++;
    if (ended.exitCode === 0 && status?.state?.terminated) count.succeeded++;
  } else if (status?.state?.waiting) count.waiting++;
  else count.unknown++;
}

/** How it ended that does not run: now, or before it began to wait. */
function endOf(status: ContainerStatus | undefined): { readonly exitCode: number } | undefined {
  if (status?.state?.running) return undefined;
  return status?.state?.terminated ?? status?.lastState?.terminated;
}
