import type { Client, Clock } from 'nekube/client';
import type { EventRecorder, Logger } from 'nekube/controller';
import type { Cluster } from './cluster/cluster.ts';
import { podInfoOf } from './cluster/pod-info.ts';
import type { Failure, Scheduling } from './decision/scheduling.ts';
import { asPod, type Pod, POD } from './objects/pod.ts';
import type { Nominations } from './queue/nominations.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import type { PodStatusWriter } from './status-writer.ts';
import type { Preemptor } from './preemptor.ts';
import type { VolumePlan } from './plugins/find-volumes.ts';
import type { VolumeBinder } from './volume-binder.ts';

/** What the scheduler works with. */
export interface SchedulerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly cluster: Cluster;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  readonly scheduling: Scheduling;
  readonly statuses: PodStatusWriter;
  readonly preemptor: Preemptor;
  readonly binder: VolumeBinder;
  /** The newest version of a pod that is known. */
  readonly newest: (pod: Pod) => Pod | undefined;
}

/** How long it decides before others of the process have their turn. */
const SLICE_MS = 10;
/** More bindings than this are not under way at the same time. */
const MOST_BINDINGS = 256;
const MOST_NOTE_BYTES = 1024;

/** Takes pods from the queue, decides where they go, and binds them, without waiting for one before it decides of the next. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #bindings = new Set<Promise<void>>();
  #wake: () => void = () => {};
  #signal = new AbortController().signal;
  /** How many bindings the server is asked for; those that wait for volumes are not among them. */
  #asked = 0;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /** There may be something to do. */
  readonly wake = (): void => this.#wake();

  /** Works until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, clock } = this.#parts;
    this.#signal = signal;
    const stopFlushing = every(1000, clock, () => queue.flush());
    signal.addEventListener('abort', this.wake, { once: true });
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await this.#work(signal);
      if (!signal.aborted) await woken;
    }
    stopFlushing();
    await Promise.all(this.#bindings);
    await this.#parts.statuses.flush();
    await this.#parts.preemptor.flush();
  }

  /** Schedules until nobody waits. */
  async #work(signal: AbortSignal): Promise<void> {
    const { queue, clock } = this.#parts;
    let since = clock.elapsed();
    for (let queued = queue.pop(); queued !== undefined && !signal.aborted; queued = queue.pop()) {
      this.#schedule(queued);
      const isMuch = this.#asked >= MOST_BINDINGS;
      if (!isMuch && clock.elapsed() - since < SLICE_MS) continue;
      while (this.#asked >= MOST_BINDINGS) await Promise.race(this.#bindings);
      await new Promise((resolve) => setImmediate(resolve));
      since = clock.elapsed();
    }
  }

  #schedule(queued: QueuedPod): void {
    const { scheduling, queue, cluster, nominations, events, binder } = this.#parts;
    const { pod } = queued;
    const { namespace, name, uid = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp) {
      const note = `skip schedule deleting pod: ${namespace}/${name}`;
      events.record(asPod(pod), { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note });
      return queue.delete(uid);
    }
    if (cluster.isAssumed(uid)) return queue.delete(uid);
    const info = podInfoOf(pod);
    const decision = scheduling.decide(info);
    if (decision.node === undefined) return this.#failed(queued, decision);
    const node = decision.node.name;
    cluster.assume({ ...info, pod: onNode(pod, node) }, node);
    nominations.delete(uid);
    const volumes = decision.volumes && binder.assume(decision.volumes, node);
    const binding = this.#bind(queued, node, volumes).finally(() => this.#bindings.delete(binding));
    this.#bindings.add(binding);
  }

  async #bind(queued: QueuedPod, node: string, volumes: VolumePlan | undefined): Promise<void> {
    const { events } = this.#parts;
    const { pod } = queued;
    const { namespace, name = '', uid } = pod.metadata;
    try {
      if (volumes !== undefined) await this.#bindVolumes(pod, node, volumes);
    } catch (error) {
      this.#parts.binder.forget(volumes!);
      return this.#bindingFailed(queued, 'PreBind plugin "VolumeBinding"', error);
    }
    try {
      await this.#bindPod(pod, node);
    } catch (error) {
      return this.#bindingFailed(queued, 'Bind plugin "DefaultBinder"', error);
    }
    this.#parts.queue.delete(uid!);
    const note = `Successfully assigned ${namespace}/${name} to ${node}`;
    events.record(asPod(pod), { reason: 'Scheduled', action: 'Binding', note });
  }

  /** May take long; that the pod is about to come to the node is told meanwhile. */
  async #bindVolumes(pod: Pod, node: string, volumes: VolumePlan): Promise<void> {
    const { binder, statuses } = this.#parts;
    await statuses.write(pod, { nominated: node });
    await binder.bind(pod, volumes, { node, signal: this.#signal });
  }

  async #bindPod({ metadata: { namespace, name = '', uid } }: Pod, node: string): Promise<void> {
    this.#asked++;
    try {
      await this.#parts.client.createSubresource(POD, { namespace, name }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { kind: 'Node', name: node },
      });
    } finally {
      this.#asked--;
    }
  }

  /** What the pod had taken is free again, which may help others. */
  #bindingFailed(queued: QueuedPod, what: string, error: unknown): void {
    if (this.#signal.aborted) return;
    const { cluster, queue } = this.#parts;
    const { pod } = queued;
    cluster.forget(pod.metadata.uid!);
    queue.move({ resource: 'AssignedPod', action: 'Delete', old: pod });
    const message = `running ${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.#failed(queued, { message, plugins: new Set(), nominated: '' }, 'SchedulerError');
  }

  #failed(queued: QueuedPod, failure: Failure, reason = 'Unschedulable'): void {
    const { queue, events, statuses, preemptor, nominations, newest } = this.#parts;
    const { uid = '' } = queued.pod.metadata;
    const pod = newest(queued.pod);
    if (pod === undefined || pod.spec.nodeName || pod.metadata.uid !== uid) return queue.delete(uid);
    queued.pod = pod;
    const { candidate, nominated, message } = failure;
    if (candidate !== undefined) preemptor.preempt(pod, candidate);
    queue.putBack(queued, failure.plugins);
    const target = nominated ?? pod.status?.nominatedNodeName;
    if (target) nominations.set(podInfoOf(pod), target);
    else nominations.delete(uid);
    const note = shortened(message);
    events.record(asPod(pod), { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note });
    statuses.write(pod, {
      condition: { type: 'PodScheduled', status: 'False', reason, message },
      ...(nominated !== undefined && { nominated }),
    });
  }
}

function onNode(pod: Pod, nodeName: string): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName } };
}

function shortened(message: string): string {
  if (Buffer.byteLength(message) <= MOST_NOTE_BYTES) return message;
  return `${Buffer.from(message)
    .subarray(0, MOST_NOTE_BYTES - 4)
    .toString()} ...`;
}

/** @returns stops it */
function every(ms: number, clock: Clock, call: () => void): () => void {
  let cancel = clock.after(ms, function again() {
    call();
    cancel = clock.after(ms, again);
  });
  return () => cancel();
}
