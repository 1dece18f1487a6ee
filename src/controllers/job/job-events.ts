import type { Clock, ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, type EventHandler, type ObjectEvent, type RequestQueue } from 'nekube/controller';
import type { Pod } from '../pods/pod.ts';
import { resolveController } from '../workload/claim.ts';
import type { Expectations } from '../workload/expectations.ts';
import { OwnedPodEvents } from '../workload/owned-events.ts';
import { finishedConditionOf, JOB, type Job } from './job.ts';
import { isTracked } from './job-pod.ts';
import { BATCH_MS } from './job-sync.ts';
import type { ReleasedPods } from './released-pods.ts';

/** Requests Jobs: at once when they are new or ask for something else, a little later for what is only their status. */
export class JobEvents implements EventHandler<Job> {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  handle(event: ObjectEvent<Job>, queue: RequestQueue<ObjectKey>): void {
    const { object: job } = event;
    const key = { namespace: job.metadata.namespace!, name: job.metadata.name! };
    if (event.type !== 'updated') return queue.add(key);
    if (finishedConditionOf(job) !== undefined) return;
    const isAsked = job.metadata.generation !== event.old.metadata.generation;
    queue.add(key, isAsked ? {} : { afterMs: BATCH_MS });
    const { activeDeadlineSeconds } = job.spec;
    const startTime = job.status?.startTime;
    if (startTime === undefined || activeDeadlineSeconds === undefined) return;
    if (event.old.spec.activeDeadlineSeconds === activeDeadlineSeconds) return;
    const left = Date.parse(startTime) + activeDeadlineSeconds * 1000 - this.#clock.now();
    queue.add(key, { afterMs: Math.max(0, left) });
  }
}

/** Requests the Jobs of pods, a little later, for pods change in bursts. Meets expectations. */
export class JobPodEvents implements EventHandler<Pod> {
  readonly #released: ReleasedPods;
  readonly #owned: OwnedPodEvents<Job>;

  constructor(
    jobs: ObjectStore<Job>,
    { expectations, released }: { readonly expectations: Expectations; readonly released: ReleasedPods },
  ) {
    this.#released = released;
    this.#owned = new OwnedPodEvents<Job>(JOB, jobs, {
      created: (job) => expectations.creationObserved(job.metadata.uid!),
      deleted: (job, pod) => expectations.deletionObserved(job.metadata.uid!, pod.metadata.uid!),
    });
  }

  handle(event: ObjectEvent<Pod>, queue: RequestQueue<ObjectKey>): void {
    const { object: pod } = event;
    const owner = controllerOf(pod);
    if (owner !== undefined && (event.type === 'deleted' || !isTracked(pod)))
      this.#released.observed(owner.uid, pod.metadata.uid!);
    const batched: RequestQueue<ObjectKey> = {
      add: (key, options) => queue.add(key, { afterMs: BATCH_MS, ...options }),
    };
    this.#owned.handle(event, batched);
  }
}

/** Requests pods that wait to be counted by a Job that is gone or at its end. */
export class OrphanEvents implements EventHandler<Pod> {
  readonly #jobs: ObjectStore<Job>;

  constructor(jobs: ObjectStore<Job>) {
    this.#jobs = jobs;
  }

  handle({ type, object: pod }: ObjectEvent<Pod>, queue: RequestQueue<ObjectKey>): void {
    if (type === 'deleted' || !isTracked(pod)) return;
    const job = resolveController(pod, JOB, (key) => this.#jobs.get(key));
    const isOrphan = controllerOf(pod) === undefined;
    const isLeaving =
      pod.metadata.deletionTimestamp !== undefined && (job === undefined || finishedConditionOf(job) !== undefined);
    if (isOrphan || isLeaving) queue.add({ namespace: pod.metadata.namespace!, name: pod.metadata.name! });
  }
}
