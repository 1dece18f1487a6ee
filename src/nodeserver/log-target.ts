import type { KubeObject } from 'nekube/apimachinery';

interface State {
  readonly waiting?: { readonly reason?: string };
  readonly running?: object;
  readonly terminated?: { readonly containerID?: string };
}

interface Status {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: State;
  readonly lastState?: State;
}

/** Which run of a container a log is of, or why there is none, in the kubelet's words. */
export type LogTarget = { readonly restartCount: number; readonly isRunning: boolean } | { readonly problem: string };

/** Finds the run whose log is asked for by the pod's status. */
export function logTarget(pod: KubeObject, container: string, previous: boolean): LogTarget {
  const lists = [
    pod.status?.containerStatuses,
    pod.status?.initContainerStatuses,
    pod.status?.ephemeralContainerStatuses,
  ];
  const status = (lists as (readonly Status[] | undefined)[])
    .flatMap((list) => list ?? [])
    .find((one) => one.name === container);
  const named = `container "${container}" in pod "${pod.metadata.name}"`;
  if (status === undefined) return { problem: `${named} is not available` };
  const { restartCount = 0, state = {}, lastState = {} } = status;
  const ended = lastState.terminated;
  if (previous) {
    if (!ended?.containerID) return { problem: `previous terminated ${named} not found` };
    // what waits to be started again has its last run as its newest
    const isWaiting = !state.running && !state.terminated;
    return { restartCount: isWaiting ? restartCount : Math.max(0, restartCount - 1), isRunning: false };
  }
  if (state.running) return { restartCount, isRunning: true };
  const last = state.terminated ?? ended;
  if (last !== undefined)
    return last.containerID || ended?.containerID
      ? { restartCount, isRunning: false }
      : { problem: `${named} is terminated` };
  if (state.waiting === undefined) return { problem: `${named} is waiting to start - no logs yet` };
  return { problem: `${named} is waiting to start: ${waitingText(state.waiting.reason ?? '')}` };
}

function waitingText(reason: string): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason;
}
