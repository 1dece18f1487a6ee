import { labelSelectorFromObject } from 'nekube/apimachinery';
import type { Clock, ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, CoreEventRecorder, type ReconcileResult } from 'nekube/controller';
import type { BuiltinController, ControllerSetup } from '../builtin-controller.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { controllerKeysOf, PODS_BY_CONTROLLER, podsNear } from '../pods/pods-by-controller.ts';
import { resolveController } from '../workload/claim.ts';
import { Expectations } from '../workload/expectations.ts';
import { Incarnations } from '../workload/incarnations.ts';
import type { Backoff } from './backoff.ts';
import { finishedConditionOf, isManagedElsewhere, JOB, type Job } from './job.ts';
import { JobEvents, JobPodEvents, OrphanEvents } from './job-events.ts';
import { isTracked } from './job-pod.ts';
import { JobPods } from './job-pods.ts';
import { JobSync } from './job-sync.ts';
import { ReleasedPods } from './released-pods.ts';

const NAME = 'job-controller';

/** Runs pods until as many have succeeded as a Job asks for, or too many have failed. */
export const jobController: BuiltinController = {
  name: NAME,
  setUp(setup) {
    const { manager, clock } = setup;
    const { store: jobs } = manager.cache.informer(JOB);
    const { store: pods } = manager.cache.informer(POD);
    manager.addIndex(POD, PODS_BY_CONTROLLER, controllerKeysOf);
    const expectations = new Expectations(clock);
    const released = new ReleasedPods();
    const reconciler = new JobReconciler({ ...setup, jobs, pods, expectations, released });
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .watches(JOB, new JobEvents(clock))
      .watches(POD, new JobPodEvents(jobs, { expectations, released }))
      .reconcile((key) => reconciler.reconcile(key));
    manager
      .controller(`${NAME}-orphans`, { maxConcurrentReconciles: 5 })
      .watches(POD, new OrphanEvents(jobs))
      .watches(JOB, {
        handle: ({ type, object }, queue) => {
          if (type !== 'deleted' && finishedConditionOf(object) === undefined) return;
          const selector = labelSelectorFromObject(object.spec.selector);
          for (const { metadata } of pods.list(object.metadata.namespace))
            if (selector.matches(metadata.labels)) queue.add({ namespace: metadata.namespace!, name: metadata.name! });
        },
      })
      .reconcile((key) => reconciler.reconcileOrphan(key));
  },
};

interface ReconcilerParts extends Pick<ControllerSetup, 'client'> {
  readonly clock: Clock;
  readonly jobs: ObjectStore<Job>;
  readonly pods: ObjectStore<Pod>;
  readonly expectations: Expectations;
  readonly released: ReleasedPods;
}

class JobReconciler {
  readonly #parts: ReconcilerParts;
  readonly #events: CoreEventRecorder;
  readonly #control: JobPods;
  readonly #incarnations = new Incarnations();
  readonly #backoffs = new Map<string, Backoff>();
  /** The versions that were written, until the cache has them. */
  readonly #written = new Map<string, bigint>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#events = new CoreEventRecorder(parts.client, NAME, parts.clock);
    this.#control = new JobPods(parts.client, this.#events, parts);
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const { jobs, clock, client, expectations, released } = this.#parts;
    const job = jobs.get(key);
    const uid = job?.metadata.uid;
    const isUnfinished = job !== undefined && finishedConditionOf(job) === undefined;
    const former = this.#incarnations.replace(key, isUnfinished ? uid : undefined);
    if (former !== undefined) this.#forget(former);
    if (job === undefined || uid === undefined || isManagedElsewhere(job) || finishedConditionOf(job)) return undefined;
    // what was written comes as an event, which is a request of its own
    if (BigInt(job.metadata.resourceVersion!) < (this.#written.get(uid) ?? 0n)) return undefined;
    this.#written.delete(uid);
    const sync = new JobSync(job, {
      client,
      events: this.#events,
      pods: this.#control,
      backoff: this.#backoffs.get(uid) ?? { failures: 0 },
      now: clock.now(),
      isSettled: expectations.areMet(uid),
      released: released.of(uid),
    });
    try {
      return await sync.run(podsNear(this.#parts.pods, job));
    } finally {
      this.#backoffs.set(uid, sync.backoff);
      this.#written.set(uid, BigInt(sync.resourceVersion));
    }
  }

  /** Lets go a pod that no Job counts any more. */
  async reconcileOrphan(key: ObjectKey): Promise<undefined> {
    const { pods, jobs } = this.#parts;
    const pod = pods.get(key);
    if (pod === undefined || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    if (owner !== undefined && (owner.kind !== 'Job' || owner.apiVersion !== JOB.apiVersion)) return;
    const job = resolveController(pod, JOB, (one) => jobs.get(one));
    if (job !== undefined && (isManagedElsewhere(job) || finishedConditionOf(job) === undefined)) return;
    await this.#control.releaseOrphan(pod);
  }

  #forget(uid: string): void {
    const { expectations, released } = this.#parts;
    expectations.forget(uid);
    released.forget(uid);
    this.#backoffs.delete(uid);
    this.#written.delete(uid);
  }
}
