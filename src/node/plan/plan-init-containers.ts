import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import { type ContainerRecord, exitOf, isRunning, type PodRecord } from '../pod/record.ts';
import { isSidecar, restartsAfter } from '../pod/restarts.ts';
import type { Stop } from './plan-pod.ts';

/** What has to be done for the init containers of a pod. */
export interface InitPlan {
  /** Whether the containers proper may start, or have. */
  readonly isInitialized: boolean;
  /** One failed for good, and so did the pod. */
  readonly hasFailed: boolean;
  readonly stops: readonly Stop[];
  readonly starts: readonly Container[];
}

/** Where init containers stand: done or up, or not yet. */
type Progress = 'done' | 'pending' | 'failed';

/**
 * Init containers run one after the other to their end; a sidecar is done when it has started, and stays. Once containers
 * proper run, only sidecars are looked after.
 */
export function planInitContainers(pod: Pod, record: PodRecord): InitPlan {
  const { initContainers = [], containers } = pod.spec;
  const wasInitialized = containers.some(({ name }) => isRunning(record.containers.get(name)));
  // the last that has begun is decisive: those before it were done then
  const last = initContainers.findLastIndex(({ name }) => hasBegun(record.containers.get(name)));
  const stops: Stop[] = [];
  const starts: Container[] = [];
  let isInitialized = true;
  for (const [i, container] of initContainers.entries()) {
    if ((wasInitialized || i < last) && !isSidecar(container)) continue;
    const known = record.containers.get(container.name);
    const stop = isSidecar(container) ? stopOf(container, known) : undefined;
    if (stop !== undefined) stops.push(stop);
    const progress = progressOf(pod, container, known);
    if (progress === 'failed') return { isInitialized: false, hasFailed: true, stops: [], starts: [] };
    if (stop !== undefined || needsStart(container, known, progress)) starts.push(container);
    if (wasInitialized || i < last || progress === 'done') continue;
    isInitialized = false;
    break;
  }
  return { isInitialized, hasFailed: false, stops, starts };
}

function hasBegun(known: ContainerRecord | undefined): boolean {
  return known?.current !== undefined;
}

function progressOf(pod: Pod, container: Container, known: ContainerRecord | undefined): Progress {
  const exit = exitOf(known);
  if (isSidecar(container)) {
    if (!isRunning(known)) return 'pending';
    return container.startupProbe === undefined || known!.startup === 'passed' ? 'done' : 'pending';
  }
  if (exit === undefined) return 'pending';
  if (exit.code === 0) return 'done';
  return restartsAfter(container, pod, exit.code) ? 'pending' : 'failed';
}

function needsStart(container: Container, known: ContainerRecord | undefined, progress: Progress): boolean {
  if (isRunning(known)) return false;
  return isSidecar(container) || progress === 'pending';
}

function stopOf(container: Container, known: ContainerRecord | undefined): Stop | undefined {
  if (!isRunning(known)) return undefined;
  const { name, image } = container;
  if (container.startupProbe !== undefined && known!.startup !== 'passed') {
    if (known!.startup !== 'failed') return undefined;
    return { container, message: `Init container ${name} failed startup probe`, because: 'startup' };
  }
  if (known!.current!.image !== image) return { container, message: `Init container ${name} definition changed` };
  if (known!.liveness === 'failed')
    return { container, message: `Init container ${name} failed liveness probe`, because: 'liveness' };
  return undefined;
}
