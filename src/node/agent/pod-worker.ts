import { isStatusError } from 'nekube/apimachinery';
import { compareResourceVersions } from 'nekube/client';
import type { PodAttachment } from 'nekube/network';
import { planPod, type Stop } from '../plan/plan-pod.ts';
import type { Container } from '../pod/container.ts';
import { describePod, isFinished, POD, type Pod, portsOf } from '../pod/pod.ts';
import { PodState } from '../pod/pod-state.ts';
import type { PodStatus } from '../pod/pod-status.ts';
import { exitOf, type PodRecord } from '../pod/record.ts';
import { isSidecar } from '../pod/restarts.ts';
import type { RunningContainer } from '../runtime/running-container.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { podStatus } from '../status/pod-status.ts';
import { startContainer } from './container-starter.ts';
import { ContainerStop } from './container-stop.ts';
import { removeFolders } from './folders.ts';
import { imageFor } from './image-lookup.ts';
import type { NodeParts } from './node-parts.ts';
import { StartError } from './start-error.ts';
import { StatusReporter } from './status-reporter.ts';

const DEFAULT_GRACE_SECONDS = 30;
/** What failed for reasons outside of the pod is tried again after so long. */
const RETRY_MS = 2000;
/** Volumes that show objects are brought up to date so often. */
const REFRESH_MS = 10_000;
const NO_VOLUMES: ReadonlyMap<string, string> = new Map();

/**
 * Looks after one pod, from when it is bound to the node until it is gone: brings about what {@link planPod} says, one step
 * after the other, and tells how it stands.
 */
export class PodWorker {
  readonly #node: NodeParts;
  readonly #state: PodState;
  readonly #reporter: StatusReporter;
  readonly #ending = new AbortController();
  readonly #containers = new Map<string, RunningContainer>();
  readonly #stops = new Set<ContainerStop>();
  readonly #onEnd: () => void;
  readonly #volumes: PodVolumes;
  #cancelRefresh: (() => void) | undefined;
  #pod: Pod;
  #attachment: PodAttachment | undefined;
  /** Nothing of it is started any more. */
  #isOver = false;
  /** All has ended, and its last status may be told. */
  #isDone = false;
  /** The API has it no more. */
  #isGone = false;
  #failure: { readonly reason: string; readonly message: string } | undefined;
  #isSyncing = false;
  #isStale = false;
  #cancelWake: (() => void) | undefined;

  /** @param onEnd Called when nothing is left of the pod here */
  constructor(node: NodeParts, pod: Pod, onEnd: () => void) {
    this.#node = node;
    this.#pod = pod;
    this.#onEnd = onEnd;
    this.#volumes = new PodVolumes(node);
    this.#state = new PodState(pod, node.clock.now());
    this.#reporter = new StatusReporter({
      client: node.client,
      clock: node.clock,
      pod: () => this.#pod,
      wanted: () => this.#status(),
      written: (written) => this.#take(written),
      onError: (error) => node.onError(error, `Cannot write the status of pod ${describePod(this.#pod)}`),
      signal: this.#ending.signal,
    });
  }

  /** The pod as it is known now. */
  get pod(): Pod {
    return this.#pod;
  }

  /** The pod with its status as of now, which the API may not have yet. */
  get told(): Pod {
    return { ...this.#pod, status: this.#status() };
  }

  /** What is known of its containers. */
  get record(): PodRecord {
    return this.#state.record;
  }

  /** Its place in the network, while it has one. */
  get attachment(): PodAttachment | undefined {
    return this.#attachment;
  }

  /** What runs of a container. */
  running(container: string): RunningContainer | undefined {
    return this.#containers.get(container);
  }

  /** The API has another version of it. */
  update(pod: Pod): void {
    if (!this.#take(pod)) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      for (const stop of this.#stops) stop.shorten(this.#graceMs());
    }
    this.wake();
  }

  /** The API has it no more: what is left of it ends. */
  gone(pod: Pod): void {
    this.#take(pod);
    this.#isGone = true;
    this.#isOver = true;
    for (const stop of this.#stops) stop.shorten(this.#graceMs());
    this.wake();
  }

  /** Looks at the pod: now, or as soon as that is over which goes on. */
  wake(): void {
    this.#isStale = true;
    if (!this.#isSyncing) void this.#sync();
  }

  /** The node ends: its processes do, and the API is told nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#ending.abort();
    this.#cancelWake?.();
    this.#cancelRefresh?.();
    const { clock } = this.#node;
    const all = [...this.#containers.values()].map((one) => new ContainerStop(one, { graceMs, clock }).done);
    await Promise.all(all);
    await this.#attachment?.release();
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true;
    while (this.#isStale && !this.#ending.signal.aborted) {
      this.#isStale = false;
      try {
        await this.#step();
      } catch (error) {
        this.#node.onError(error, `Cannot sync pod ${describePod(this.#pod)}`);
        this.#wakeIn(RETRY_MS);
      }
    }
    this.#isSyncing = false;
  }

  /** Brings the pod on by what can be done for it now. */
  async #step(): Promise<void> {
    this.#isOver ||= this.#pod.metadata.deletionTimestamp !== undefined || isFinished(this.#pod);
    if (this.#isOver) return this.#finish();
    const plan = planPod(this.#pod, this.#state.record);
    if (plan.isOver) {
      this.#isOver = true;
      return this.#finish();
    }
    for (const stop of plan.stops) await this.#stopUnwell(stop);
    if (plan.needsSandbox && !(await this.#makeSandbox())) return;
    for (const container of plan.starts) {
      if (this.#pod.metadata.deletionTimestamp === undefined && !this.#isOver) await this.#start(container);
    }
    void this.#reporter.report();
  }

  async #makeSandbox(): Promise<boolean> {
    const { network, name: node, events } = this.#node;
    const { metadata, spec } = this.#pod;
    const { namespace = '', name = '', uid = '' } = metadata;
    const ports = portsOf(this.#pod);
    try {
      const hostNetwork = spec.hostNetwork === true;
      this.#attachment = await network.attach({ namespace, name, uid, node, hostNetwork, ports, spec });
    } catch (error) {
      const message = `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`;
      events.record(this.#pod, 'Warning', 'FailedCreatePodSandBox', message);
      void this.#reporter.report();
      this.#wakeIn(RETRY_MS);
      return false;
    }
    const inits = (spec.initContainers ?? []).map((one) => one.name);
    this.#state.sandboxed(this.#attachment.ips, inits);
    return true;
  }

  /** Starts a container, unless it has to wait; then its status says why. */
  async #start(container: Container): Promise<void> {
    const { name } = container;
    if (this.#isInBackoff(container)) return;
    const restartCount = this.#state.nextRestartCount(name);
    try {
      const image = imageFor(this.#node, this.#pod, container);
      const isTold = image.fake === undefined;
      if (isTold) void this.#reporter.report();
      const volumes = isTold ? await this.#mounted() : NO_VOLUMES;
      const request = { pod: this.#pod, container, image, attachment: this.#attachment!, restartCount, volumes };
      const running = await startContainer(this.#node, request);
      this.#containers.set(name, running);
      this.#state.started(name, { id: running.id, image: container.image, startedAt: running.startedAt });
      void running.exited.then((exit) => {
        if (this.#containers.get(name) === running) this.#containers.delete(name);
        this.#state.ended(name, running.id, exit);
        this.wake();
      });
      if (!isTold) return;
      this.#tell(container, 'Normal', 'Created', 'Container created');
      this.#tell(container, 'Normal', 'Started', 'Container started');
    } catch (error) {
      this.#cannotStart(container, error);
    }
  }

  /** The volumes of the pod, made or brought up to date; from now on they are kept so. */
  async #mounted(): Promise<ReadonlyMap<string, string>> {
    const volumes = await this.#volumes.prepare(this.#pod, this.#state.record.ips);
    if (this.#cancelRefresh === undefined && volumes.size > 0) this.#refreshLater();
    return volumes;
  }

  /** Objects change behind volumes, and tokens expire. */
  #refreshLater(): void {
    this.#cancelRefresh = this.#node.clock.after(REFRESH_MS, () => {
      void this.#volumes
        .prepare(this.#pod, this.#state.record.ips)
        // what is gone meanwhile stays as it was
        .catch(() => {})
        .then(() => {
          if (!this.#ending.signal.aborted) this.#refreshLater();
        });
    });
  }

  #cannotStart(container: Container, error: unknown): void {
    if (!(error instanceof StartError)) throw error;
    const { reason, message } = error;
    if (reason === 'FailedMount') {
      this.#node.events.record(this.#pod, 'Warning', reason, message);
      void this.#reporter.report();
      return this.#wakeIn(RETRY_MS);
    }
    if (this.#state.waits(container.name, { reason, message })) {
      const isPull = reason.includes('Image');
      this.#tell(container, 'Warning', 'Failed', isPull ? `Error: ${reason}` : `Error: ${message}`);
    }
    this.#wakeIn(RETRY_MS);
  }

  /** Whether a container that ended has to wait before it is started again. */
  #isInBackoff(container: Container): boolean {
    const { backoff, clock } = this.#node;
    const exit = exitOf(this.#state.record.containers.get(container.name));
    if (exit === undefined) return false;
    const key = `${this.#pod.metadata.uid}/${container.name}`;
    const until = backoff.until(key, exit.at, clock.now());
    if (until === undefined) {
      backoff.next(key, exit.at, clock.now());
      return false;
    }
    const wait = `back-off ${goDuration(backoff.waitMs(key))} restarting failed container=${container.name}`;
    const message = `${wait} pod=${describePod(this.#pod)}`;
    this.#state.waits(container.name, { reason: 'CrashLoopBackOff', message });
    const text = `Back-off restarting failed container ${container.name} in pod ${describePod(this.#pod)}`;
    this.#tell(container, 'Warning', 'BackOff', text);
    this.#wakeIn(until - clock.now());
    return true;
  }

  async #stopUnwell({ container, message }: Stop): Promise<void> {
    await this.#stopContainer(container, message, this.#graceMs());
  }

  /** Ends all that runs, tells how it ended, and gives back what it had. */
  async #finish(): Promise<void> {
    const { initContainers = [], containers, ephemeralContainers = [] } = this.#pod.spec;
    const stopAll = (some: readonly Container[]): Promise<unknown> =>
      Promise.all(some.map((one) => this.#stopContainer(one, `Stopping container ${one.name}`, this.#graceMs())));
    if (this.#containers.size > 0) void this.#reporter.report();
    await stopAll([...containers, ...ephemeralContainers, ...initContainers.filter((one) => !isSidecar(one))]);
    for (const sidecar of initContainers.filter(isSidecar).reverse()) await stopAll([sidecar]);
    this.#state.unsandboxed();
    this.#isDone = true;
    this.#cancelWake?.();
    await this.#attachment?.release();
    this.#attachment = undefined;
    if (!this.#isGone) await this.#reporter.report();
    if (this.#pod.metadata.deletionTimestamp !== undefined && !this.#isGone) await this.#delete();
    if (this.#pod.metadata.deletionTimestamp !== undefined || this.#isGone) this.#end();
  }

  /** Takes the pod out of the API: this one, not one that has its name by now. */
  async #delete(): Promise<void> {
    const { namespace, name = '', uid } = this.#pod.metadata;
    try {
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      await this.#node.client.delete(POD, { namespace, name }, { gracePeriodSeconds: 0, ...preconditions });
    } catch (error) {
      if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return;
      throw error;
    }
  }

  #end(): void {
    this.#ending.abort();
    this.#cancelWake?.();
    this.#cancelRefresh?.();
    this.#node.backoff.forget(`${this.#pod.metadata.uid}/`);
    removeFolders(this.#node, this.#pod);
    this.#onEnd();
  }

  async #stopContainer(container: Container, message: string, graceMs: number): Promise<void> {
    const running = this.#containers.get(container.name);
    if (running === undefined) return;
    const { clock } = this.#node;
    if (running.pid !== undefined) this.#tell(container, 'Normal', 'Killing', message);
    const stop = new ContainerStop(running, { graceMs, clock });
    this.#stops.add(stop);
    await stop.done;
    this.#stops.delete(stop);
    // what follows must know of its end, whoever hears of it first
    this.#state.ended(container.name, running.id, await running.exited);
  }

  #status(): PodStatus {
    const { addresses, clock } = this.#node;
    const failure = this.#isDone ? this.#failure : undefined;
    const input = { hostIPs: addresses, now: clock.now(), isOver: this.#isDone, ...(failure && { failure }) };
    return podStatus(this.#pod, this.#state.record, input);
  }

  #graceMs(): number {
    const { metadata, spec } = this.#pod;
    const seconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    return Math.max(1, Number(seconds)) * 1000;
  }

  /** Whether it is newer than what is known. */
  #take(pod: Pod): boolean {
    const { resourceVersion: old } = this.#pod.metadata;
    const { resourceVersion: version } = pod.metadata;
    if (old !== undefined && version !== undefined && (compareResourceVersions(old, version) ?? 0) > 0) return false;
    this.#pod = pod;
    return true;
  }

  #tell(container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { initContainers = [], ephemeralContainers = [] } = this.#pod.spec;
    const isIn = (list: readonly Container[]): boolean => list.some(({ name }) => name === container.name);
    const field = isIn(initContainers)
      ? 'initContainers'
      : isIn(ephemeralContainers)
        ? 'ephemeralContainers'
        : 'containers';
    this.#node.events.record(this.#pod, type, reason, message, { fieldPath: `spec.${field}{${container.name}}` });
  }

  #wakeIn(ms: number): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#node.clock.after(Math.max(0, ms), () => this.wake());
  }
}

/** A wait as Go prints it: `10s`, `1m20s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
