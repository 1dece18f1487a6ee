import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import { type ContainerRecord, exitOf, isRunning, type PodRecord } from '../pod/record.ts';
import { restartsAfter, restartsAfterProbe } from '../pod/restarts.ts';
import { planInitContainers } from './plan-init-containers.ts';

/** A container that has to end, and what is told of it. */
export interface Stop {
  readonly container: Container;
  readonly message: string;
  /** The probe that found it unwell, whose own grace period holds then. */
  readonly because?: 'startup' | 'liveness';
}

/** What a node has to do for a pod now. */
export interface PodPlan {
  /** It needs a network before anything is started; init containers begin anew then. */
  readonly needsSandbox: boolean;
  /** Nothing of it is to run any more: what runs is stopped, and the pod is over. */
  readonly isOver: boolean;
  readonly stops: readonly Stop[];
  /** In their order, unless they have to wait for their backoff. */
  readonly starts: readonly Container[];
}

const OVER: PodPlan = { needsSandbox: false, isOver: true, stops: [], starts: [] };

/**
 * Says what has to be done for a pod that nobody deletes, as the kubelet's computePodActions does: init containers one
 * after the other, each sidecar as soon as those before it have started, then all containers at once; what ended again as its
 * policy says; what a probe failed is stopped first.
 */
export function planPod(pod: Pod, record: PodRecord): PodPlan {
  if (!record.hasSandbox) return planSandbox(pod, record);
  const debugging = (pod.spec.ephemeralContainers ?? []).filter(({ name }) => !record.containers.has(name));
  const init = planInitContainers(pod, record);
  if (init.hasFailed) return OVER;
  if (!init.isInitialized) {
    return { needsSandbox: false, isOver: false, stops: init.stops, starts: [...debugging, ...init.starts] };
  }
  const stops: Stop[] = [];
  const starts: Container[] = [];
  let kept = 0;
  for (const container of pod.spec.containers) {
    const known = record.containers.get(container.name);
    const stop = isRunning(known) ? stopOf(pod, container, known!) : undefined;
    if (stop !== undefined) stops.push(stop);
    else if (isRunning(known)) kept++;
    if (stop === undefined ? shouldStart(pod, container, known) : startsAgain(pod, stop)) starts.push(container);
  }
  if (kept === 0 && starts.length === 0) return { ...OVER, stops };
  const both = { stops: [...init.stops, ...stops], starts: [...debugging, ...init.starts, ...starts] };
  return { needsSandbox: false, isOver: false, ...both };
}

/** Whether a container that does not run has to. */
export function shouldStart(pod: Pod, container: Container, known: ContainerRecord | undefined): boolean {
  if (isRunning(known)) return false;
  const exit = exitOf(known);
  return exit === undefined || restartsAfter(container, pod, exit.code);
}

/** The first step, also after the process of the node was another. */
function planSandbox(pod: Pod, { containers }: PodRecord): PodPlan {
  const { initContainers = [], containers: regular, restartPolicy } = pod.spec;
  const hasRun = regular.some(({ name }) => containers.get(name)?.current !== undefined);
  const hasAny = [...containers.values()].some(({ current }) => current !== undefined);
  if (restartPolicy === 'Never' && hasAny && !regular.some((one) => hasOwnRestart(one))) return OVER;
  const starts = regular.filter((one) => shouldStart(pod, one, containers.get(one.name)));
  if (starts.length === 0 && hasRun) return OVER;
  const [first] = initContainers;
  return { needsSandbox: true, isOver: false, stops: [], starts: first === undefined ? starts : [first] };
}

function hasOwnRestart({ restartPolicy, restartPolicyRules }: Container): boolean {
  return (restartPolicy ?? 'Never') !== 'Never' || restartPolicyRules !== undefined;
}

/** Why a container that runs must not go on. */
function stopOf(pod: Pod, container: Container, known: ContainerRecord): Stop | undefined {
  const again = (message: string, always = false): string =>
    always || restartsAfterProbe(container, pod) ? `${message}, will be restarted` : message;
  const { name, image } = container;
  if (known.current!.image !== image)
    return { container, message: again(`Container ${name} definition changed`, true) };
  if (known.liveness === 'failed')
    return { container, message: again(`Container ${name} failed liveness probe`), because: 'liveness' };
  if (known.startup === 'failed')
    return { container, message: again(`Container ${name} failed startup probe`), because: 'startup' };
  return undefined;
}

function startsAgain(pod: Pod, { container, because }: Stop): boolean {
  return because === undefined || restartsAfterProbe(container, pod);
}
