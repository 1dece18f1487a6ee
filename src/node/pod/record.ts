/** One run of a container. */
export interface Instance {
  /** As in `containerID`, without the scheme. */
  readonly id: string;
  readonly image: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How it ended; absent while it runs. */
  readonly exit?: Exit;
}

/** How a run ended. */
export interface Exit {
  readonly code: number;
  readonly signal?: number;
  readonly reason: string;
  readonly message?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a node knows of a container: what it did with it, and what probes found. */
export interface ContainerRecord {
  readonly name: string;
  readonly restartCount: number;
  /** The newest run; absent: it never ran here. */
  readonly current?: Instance;
  /** How the run before it ended. */
  readonly previous?: Instance;
  /** Why the last attempt to start it came to nothing. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** What its startup and liveness probes found of the newest run; absent: nothing yet. */
  readonly startup?: 'passed' | 'failed';
  readonly liveness?: 'passed' | 'failed';
  /** Whether its readiness probe passes; without one it is not looked at. */
  readonly readiness?: 'passed' | 'failed';
}

/** What a node knows of a pod. */
export interface PodRecord {
  /** Whether it has its network, within which containers run. */
  readonly hasSandbox: boolean;
  readonly ips: readonly string[];
  readonly containers: ReadonlyMap<string, ContainerRecord>;
}

/** Nothing was done for the pod yet. */
export const NEW_POD: PodRecord = { hasSandbox: false, ips: [], containers: new Map() };

/** Whether it runs now. */
export function isRunning(container: ContainerRecord | undefined): boolean {
  return container?.current !== undefined && container.current.exit === undefined;
}

/** How its newest run ended; undefined while it runs, or when it never ran. */
export function exitOf(container: ContainerRecord | undefined): Exit | undefined {
  return container?.current?.exit;
}
