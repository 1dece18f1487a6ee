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
import { podStatus } from '../status/pod-status.ts';
import { deadlineOf, DEADLINE_EXCEEDED } from '../plan/deadline.ts';
import { removeFolders } from './folders.ts';
import { imageFor } from './image-lookup.ts';
import type { NodeParts } from './node-parts.ts';
import { backoffMessages, graceOf, PodContainers } from './pod-containers.ts';
import { StartError } from './start-error.ts';
import { StatusReporter } from './status-reporter.ts';
import { KeptVolumes } from './kept-volumes.ts';

/** What failed for reasons outside of the pod is tried again after so long; an image by then, since the file may name it soon. */
const RETRY_MS = 2000;
/** A container that cannot be made is tried again after so long, as the kubelet does when the sync of a pod fails. */
const SYNC_BACKOFF_MS = 10_000;
const NO_VOLUMES: ReadonlyMap<string, string> = new Map();

/**
 * Looks after one pod, from when it is bound to the node until it is gone: brings about what {@link planPod} says, one step
 * after the other, and tells how it stands.
 */
export class PodWorker {
  readonly #node: NodeParts;
  readonly #state: PodState;
  readonly #containers: PodContainers;
  readonly #volumes: KeptVolumes;
  readonly #reporter: StatusReporter;
  readonly #ending = new AbortController();
  readonly #onEnd: () => void;
  #pod: Pod;
  #attachment: PodAttachment | undefined;
  /** Nothing of it is started any more. */
  #isOver = false;
  /** All has ended, and its last status may be told. */
  #isDone = false;
  /** The API has it no more. */
  #isGone = false;
  #failure: typeof DEADLINE_EXCEEDED | undefined;
  #isSyncing = false;
  #isStale = false;
  /** When the pod is looked at next, unless something happens sooner. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

  /** @param onEnd Called when nothing is left of the pod here */
  constructor(node: NodeParts, pod: Pod, onEnd: () => void) {
    this.#node = node;
    this.#pod = pod;
    this.#onEnd = onEnd;
    this.#state = new PodState(pod, node.clock.now());
    this.#volumes = new KeptVolumes(node, () => this.#pod);
    this.#containers = new PodContainers({
      node,
      state: this.#state,
      pod: () => this.#pod,
      attachment: () => this.#attachment,
      changed: () => this.wake(),
    });
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
      this.#containers.terminating();
      this.#containers.shorten(graceOf(this.#pod));
    }
    this.wake();
  }

  /** The API has it no more: what is left of it ends. */
  gone(pod: Pod): void {
    this.#take(pod);
    this.#isGone = true;
    this.#isOver = true;
    this.#containers.shorten(graceOf(this.#pod));
    this.wake();
  }

  /** Looks at the pod: now, or as soon as that is over which goes on. Its status is written in any case. */
  wake(): void {
    this.#isStale = true;
    if (!this.#isSyncing) void this.#sync();
    else if (!this.#isGone) void this.#reporter.report();
  }

  /** The node ends: its processes do, and the API is told nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#ending.abort();
    this.#cancelWake?.();
    this.#volumes.close();
    await this.#containers.end(graceMs);
    await this.#attachment?.release();
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true;
    while (this.#isStale && !this.#ending.signal.aborted) {
      this.#isStale = false;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      try {
        await this.#step();
      } catch (error) {
        // who was asked has ended by then, too
        if (this.#ending.signal.aborted) break;
        this.#node.onError(error, `Cannot sync pod ${describePod(this.#pod)}`);
        this.#wakeIn(RETRY_MS);
      }
    }
    this.#isSyncing = false;
  }

  /** Brings the pod on by what can be done for it now. */
  async #step(): Promise<void> {
    this.#isOver ||= this.#isDeleted || isFinished(this.#pod) || this.#isLate();
    if (this.#isOver) return this.#finish();
    const plan = planPod(this.#pod, this.#state.record);
    if (plan.isOver) {
      this.#isOver = true;
      return this.#finish();
    }
    for (const stop of plan.stops) await this.#stopUnwell(stop);
    if (plan.needsSandbox && !(await this.#makeSandbox())) return;
    for (const container of plan.starts) {
      if (!this.#isDeleted && !this.#isOver) await this.#start(container);
    }
    if (!this.#isGone) void this.#reporter.report();
  }

  get #isDeleted(): boolean {
    return this.#pod.metadata.deletionTimestamp !== undefined;
  }

  /** Whether it has run for longer than it may; if not, it is looked at again by then. */
  #isLate(): boolean {
    const { clock, events } = this.#node;
    const deadline = deadlineOf(this.#pod, clock.now());
    if (deadline === undefined) return false;
    if (clock.now() < deadline) {
      this.#wakeIn(deadline - clock.now());
      return false;
    }
    this.#failure = DEADLINE_EXCEEDED;
    events.record(this.#pod, 'Normal', DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message);
    return true;
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
    if (this.#isInBackoff(container)) return;
    try {
      const { waiting } = this.#state.record.containers.get(container.name) ?? {};
      const image = imageFor(this.#node, this.#pod, container, waiting?.reason);
      if (image.fake === undefined) void this.#reporter.report();
      const volumes = image.fake === undefined ? await this.#volumes.dirs(this.#state.record.ips) : NO_VOLUMES;
      await this.#containers.start(container, image, volumes);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      if (!(error instanceof StartError)) throw error;
      this.#cannotStart(container, error);
    }
  }

  #cannotStart(container: Container, { reason, message }: StartError): void {
    const isPull = reason.includes('Image');
    const { events, clock } = this.#node;
    if (reason === 'RunContainerError') {
      // that it was made and could not be started counts as a run, which its restart policy is about
      this.#containers.tell(container, 'Normal', 'Created', 'Container created');
      this.#state.failedToStart(container, message, clock.now());
      this.#isStale = true;
    } else this.#wakeIn(isPull || reason === 'FailedMount' ? RETRY_MS : SYNC_BACKOFF_MS);
    if (reason === 'FailedMount') return events.record(this.#pod, 'Warning', reason, message);
    if (!this.#state.waits(container.name, { reason, message })) return;
    this.#containers.tell(container, 'Warning', 'Failed', isPull ? `Error: ${reason}` : `Error: ${message}`);
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
    const { status, event } = backoffMessages(container.name, this.#pod, backoff.waitMs(key));
    if (this.#state.waits(container.name, { reason: 'CrashLoopBackOff', message: status })) {
      this.#containers.tell(container, 'Warning', 'BackOff', event);
    }
    this.#wakeIn(until - clock.now());
    return true;
  }

  async #stopUnwell({ container, message, because }: Stop): Promise<void> {
    const probe = because === 'startup' ? container.startupProbe : container.livenessProbe;
    const own = because === undefined ? undefined : probe?.terminationGracePeriodSeconds;
    await this.#containers.stop(container, message, own === undefined ? graceOf(this.#pod) : own * 1000);
  }

  /** Ends all that runs, tells how it ended, and gives back what it had. */
  async #finish(): Promise<void> {
    const { initContainers = [], containers, ephemeralContainers = [] } = this.#pod.spec;
    const graceMs = graceOf(this.#pod);
    const stopAll = (some: readonly Container[]): Promise<unknown> =>
      Promise.all(some.map((one) => this.#containers.stop(one, `Stopping container ${one.name}`, graceMs)));
    if (this.#containers.size > 0 && !this.#isGone) void this.#reporter.report();
    this.#containers.terminating();
    await stopAll([...containers, ...ephemeralContainers, ...initContainers.filter((one) => !isSidecar(one))]);
    for (const sidecar of initContainers.filter(isSidecar).reverse()) await stopAll([sidecar]);
    this.#state.unsandboxed();
    this.#isDone = true;
    this.#volumes.close();
    await this.#attachment?.release();
    this.#attachment = undefined;
    if (!this.#isGone) await this.#reporter.report();
    if (this.#isDeleted && !this.#isGone) await this.#delete();
    if (this.#isDeleted || this.#isGone) this.#end();
  }

  /** Takes the pod out of the API: this one, not one that has its name by now. */
  async #delete(): Promise<void> {
    const { namespace, name = '', uid } = this.#pod.metadata;
    try {
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      await this.#node.client.delete(POD, { namespace, name }, { gracePeriodSeconds: 0, ...preconditions });
    } catch (error) {
      if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
    }
  }

  #end(): void {
    this.#ending.abort();
    this.#cancelWake?.();
    this.#node.backoff.forget(`${this.#pod.metadata.uid}/`);
    removeFolders(this.#node, this.#pod);
    this.#onEnd();
  }

  #status(): PodStatus {
    const { addresses, clock } = this.#node;
    const failure = this.#isDone ? this.#failure : undefined;
    const input = { hostIPs: addresses, now: clock.now(), isOver: this.#isDone, ...(failure && { failure }) };
    return podStatus(this.#pod, this.#state.record, input);
  }

  /** Whether it is newer than what is known. */
  #take(pod: Pod): boolean {
    const { resourceVersion: old } = this.#pod.metadata;
    const { resourceVersion: version } = pod.metadata;
    if (old !== undefined && version !== undefined && (compareResourceVersions(old, version) ?? 0) > 0) return false;
    this.#pod = pod;
    return true;
  }

  /** Looks at the pod after so long, or sooner. */
  #wakeIn(ms: number): void {
    const { clock } = this.#node;
    const at = clock.elapsed() + Math.max(0, ms);
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#cancelWake?.();
    this.#cancelWake = clock.after(Math.max(0, ms), () => this.wake());
  }
}
