import { randomBytes } from 'node:crypto';
import type { Container } from './container.ts';
import type { ContainerState, ContainerStatus } from './pod-status.ts';
import type { Pod } from './pod.ts';
import { type ContainerRecord, type Exit, type Instance, isRunning, type PodRecord } from './record.ts';

/** What containers are said to have ended with that ran when this process was not there, as after a reboot. */
const LOST = { code: 255, reason: 'Unknown' } as const;

/** What containers are said to have ended with whose program could not be started. */
const START_ERROR = { code: 128, reason: 'StartError' } as const;

/** What a node knows of a pod, and how that changes. Records themselves are values. */
export class PodState {
  #hasSandbox = false;
  #ips: readonly string[];
  readonly #containers = new Map<string, ContainerRecord>();

  /** Begins with what the pod's status says, of which nothing runs any more. */
  constructor(pod: Pod, now: number) {
    const { status = {} } = pod;
    this.#ips = (status.podIPs ?? []).map(({ ip }) => ip);
    const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
    for (const one of [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]) {
      const known = recordOf(one, now);
      if (known !== undefined) this.#containers.set(one.name, known);
    }
  }

  get record(): PodRecord {
    return { hasSandbox: this.#hasSandbox, ips: this.#ips, containers: this.#containers };
  }

  /** The pod has its network; its init containers begin anew. */
  sandboxed(ips: readonly string[], initContainers: readonly string[]): void {
    this.#hasSandbox = true;
    this.#ips = ips;
    for (const name of initContainers) {
      const known = this.#containers.get(name);
      if (known?.current !== undefined)
        this.#put({ name, restartCount: known.restartCount + 1, previous: known.current });
    }
  }

  /** The network is gone; the addresses are still told. */
  unsandboxed(): void {
    this.#hasSandbox = false;
  }

  /** A container runs, for the first time or again. */
  started(name: string, instance: Instance): void {
    const known = this.#containers.get(name);
    const previous = known?.current ?? known?.previous;
    this.#put({
      name,
      restartCount: this.nextRestartCount(name),
      current: instance,
      ...(previous && { previous }),
    });
  }

  /** A container was made and its program could not be started, as container runtimes tell of it. */
  failedToStart({ name, image }: Pick<Container, 'name' | 'image'>, message: string, at: number): void {
    const id = randomBytes(32).toString('hex');
    this.started(name, { id, image, startedAt: 0 });
    this.ended(name, id, { ...START_ERROR, message, at });
  }

  /** How often a container will have been restarted when it is started now. */
  nextRestartCount(name: string): number {
    const known = this.#containers.get(name);
    return known === undefined ? 0 : known.restartCount + (known.current === undefined ? 0 : 1);
  }

  /** A run ended. What is no more the newest is not told. */
  ended(name: string, id: string, exit: Exit): void {
    const known = this.#containers.get(name);
    if (known?.current?.id !== id) return;
    const { startup: _startup, liveness: _liveness, readiness: _readiness, ...rest } = known;
    this.#put({ ...rest, current: { ...known.current, exit } });
  }

  /** A container cannot be started now, or again undefined. Whether that is news. */
  waits(name: string, waiting: { readonly reason: string; readonly message: string } | undefined): boolean {
    const known = this.#containers.get(name) ?? { name, restartCount: 0 };
    const before = known.waiting;
    const { waiting: _, ...rest } = known;
    this.#put(waiting === undefined ? rest : { ...rest, waiting });
    return before?.reason !== waiting?.reason || before?.message !== waiting?.message;
  }

  /** What a probe found of the newest run; nothing is known of one that ended. Whether that is news. */
  probed(name: string, probe: 'startup' | 'liveness' | 'readiness', result: 'passed' | 'failed'): boolean {
    const known = this.#containers.get(name);
    if (known === undefined || !isRunning(known) || known[probe] === result) return false;
    this.#put({ ...known, [probe]: result });
    return true;
  }

  #put(record: ContainerRecord): void {
    this.#containers.set(record.name, record);
  }
}

function recordOf(status: ContainerStatus, now: number): ContainerRecord | undefined {
  const { name, restartCount, state = {}, lastState = {} } = status;
  const before = instanceOf(status, lastState, now);
  const current = instanceOf(status, state, now);
  // what waits to be started again ended before
  if (current === undefined && before !== undefined) return { name, restartCount, current: before };
  if (current === undefined) return restartCount > 0 ? { name, restartCount } : undefined;
  return { name, restartCount, current, ...(before && { previous: before }) };
}

function instanceOf(
  status: ContainerStatus,
  { running, terminated }: ContainerState,
  now: number,
): Instance | undefined {
  const { image } = status;
  const id = (text = ''): string => text.replace(/^\w+:\/\//, '');
  if (running) {
    const exit = { ...LOST, at: now };
    return { id: id(status.containerID), image, startedAt: msOf(running.startedAt, now), exit };
  }
  if (!terminated) return undefined;
  const { exitCode: code, reason = 'Error', message, signal } = terminated;
  const at = msOf(terminated.finishedAt, now);
  const exit = { code, reason, at, ...(message && { message }), ...(signal !== undefined && { signal }) };
  return { id: id(terminated.containerID), image, startedAt: msOf(terminated.startedAt, now), exit };
}

function msOf(text: string | null | undefined, now: number): number {
  return text ? Date.parse(text) : now;
}
