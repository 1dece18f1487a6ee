import type { Clock } from 'nekube/client';
import { Heap } from 'nekube/controller';
import type { Pod } from '../objects/pod.ts';
import type { ClusterEvent } from '../plugins/plugin.ts';
import { backoffUntil, endsBefore, goesBefore, newQueuedPod, type QueuedPod } from './queued-pod.ts';

/** What the queue asks others. */
export interface QueueParts {
  readonly clock: Clock;
  /** Whether a pod may be scheduled at all by now. */
  readonly mayEnter: (pod: Pod) => boolean;
  /** Whether an event may help a pod that these filters rejected. */
  readonly isHelped: (pod: Pod, plugins: ReadonlySet<string>, event: ClusterEvent) => boolean;
  /** Is told when there is a pod to take. */
  readonly onReady: () => void;
}

/** In place of a filter: the pod was not let in. */
export const BLOCKED = 'PreEnqueue';
/** So long a pod waits for something to happen before it is tried anyway. */
const MOST_WAIT_MS = 5 * 60_000;

/**
 * The pods that wait to be scheduled: those whose turn it is, in order; those that wait a while since they did not fit just
 * now; and those that fit nowhere until something happens that may help.
 */
export class SchedulingQueue {
  readonly #parts: QueueParts;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #active = new Heap<QueuedPod>(goesBefore);
  /** Those that did not fit, of whom one is taken early when nothing else is to do; and those of errors, who wait. */
  readonly #misfits = new Heap<QueuedPod>(endsBefore);
  readonly #failed = new Heap<QueuedPod>(endsBefore);

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** A pod that has to be scheduled, or a newer version of it with what changed. */
  set(pod: Pod, events: readonly ClusterEvent[] = []): void {
    const queued = this.#pods.get(pod.metadata.uid!);
    if (queued === undefined) {
      const added = newQueuedPod(pod, this.#parts.clock.elapsed());
      this.#pods.set(pod.metadata.uid!, added);
      return this.#activate(added);
    }
    queued.pod = pod;
    if (queued.place === 'active') this.#active.moved(queued);
    else if (queued.place === 'backoff') this.#backoffOf(queued).moved(queued);
    else if (queued.place === 'unschedulable') this.#moveIfHelped(queued, events);
  }

  delete(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined) return;
    this.#take(queued);
    this.#pods.delete(uid);
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  /** The next pod to schedule; it belongs to the caller until it is put back, or deleted. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.first ?? this.#misfits.first;
    if (queued !== undefined) this.#take(queued);
    return queued;
  }

  /** Puts a pod back that fits nowhere; of which filters nothing is known, it is tried again after a while. */
  putBack(queued: QueuedPod, plugins: ReadonlySet<string>): void {
    if (!this.#pods.has(queued.pod.metadata.uid!)) return;
    queued.plugins = plugins;
    if (plugins.size === 0) queued.errors++;
    else {
      queued.misfits++;
      queued.errors = 0;
    }
    queued.since = this.#parts.clock.elapsed();
    if (plugins.size === 0) this.#requeue(queued);
    else queued.place = 'unschedulable';
  }

  /** Moves those that an event may help, of those that are asked for. */
  move(event: ClusterEvent, isMeant: (pod: Pod) => boolean = () => true): void {
    for (const queued of this.#pods.values()) {
      if (queued.place === 'unschedulable' && isMeant(queued.pod)) this.#moveIfHelped(queued, [event]);
    }
  }

  /** A pod that may enter now; if it is asked for, whatever happened before, else if something would have helped it. */
  unblock(uid: string, isForced: boolean): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined || queued.place === 'none' || queued.place === 'active') return;
    if (isForced) this.#activate(queued);
    else if (queued.plugins.has(BLOCKED)) this.#requeue(queued);
  }

  /** Lets those go whose wait is over. */
  flush(): void {
    for (const heap of [this.#misfits, this.#failed]) {
      for (let first = heap.first; first !== undefined && !this.#isWaiting(first); first = heap.first) {
        this.#activate(first);
      }
    }
    const now = this.#parts.clock.elapsed();
    for (const queued of this.#pods.values()) {
      if (queued.place === 'unschedulable' && now - queued.since > MOST_WAIT_MS) this.#requeue(queued);
    }
  }

  #moveIfHelped(queued: QueuedPod, events: readonly ClusterEvent[]): void {
    const { pod, plugins } = queued;
    if (events.some((event) => plugins.size === 0 || this.#parts.isHelped(pod, plugins, event))) this.#requeue(queued);
  }

  #requeue(queued: QueuedPod): void {
    if (!this.#isWaiting(queued)) return this.#activate(queued);
    if (!this.#parts.mayEnter(queued.pod)) return this.#block(queued);
    this.#take(queued);
    queued.place = 'backoff';
    this.#backoffOf(queued).push(queued);
    this.#parts.onReady();
  }

  #activate(queued: QueuedPod): void {
    if (!this.#parts.mayEnter(queued.pod)) return this.#block(queued);
    this.#take(queued);
    queued.place = 'active';
    this.#active.push(queued);
    this.#parts.onReady();
  }

  /** It stays out of the way until it may enter. */
  #block(queued: QueuedPod): void {
    this.#take(queued);
    queued.place = 'unschedulable';
    queued.plugins = new Set([...queued.plugins, BLOCKED]);
  }

  #isWaiting(queued: QueuedPod): boolean {
    return backoffUntil(queued) >= Math.floor(this.#parts.clock.elapsed() / 1000) * 1000;
  }

  #backoffOf({ plugins }: QueuedPod): Heap<QueuedPod> {
    return plugins.size === 0 ? this.#failed : this.#misfits;
  }

  #take(queued: QueuedPod): void {
    if (queued.place === 'active') this.#active.remove(queued);
    else if (queued.place === 'backoff') this.#backoffOf(queued).remove(queued);
    queued.place = 'none';
  }
}
