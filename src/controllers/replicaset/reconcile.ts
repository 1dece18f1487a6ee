import { isStatusError, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, Clock, ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, type CoreEventRecorder, isControlledBy, type ReconcileResult } from 'nekube/controller';
import { isPodActive, isPodTerminating, nextAvailabilityMs, POD, type Pod } from '../pods/pod.ts';
import { isNamespaceTerminating, PodControl } from '../pods/pod-control.ts';
import { podsNear } from '../pods/pods-by-controller.ts';
import { choosePodsToDelete } from '../pods/pods-to-delete.ts';
import { claimObjects } from '../workload/claim.ts';
import type { Expectations } from '../workload/expectations.ts';
import { Incarnations } from '../workload/incarnations.ts';
import { slowStart } from '../workload/slow-start.ts';
import { writeStatus } from '../workload/write-status.ts';
import { type ReplicaSet, type ReplicaSetStatus, REPLICA_SET, replicasOf } from './replica-set.ts';
import { isStatusCurrent, statusOf } from './status.ts';

/** What the reconciler works with. */
export interface ReconcilerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
  readonly expectations: Expectations;
  readonly sets: ObjectStore<ReplicaSet>;
  readonly pods: ObjectStore<Pod>;
}

/** At most so many pods of a set are made or deleted at once. */
const BURST = 500;

/** Makes and deletes pods until a ReplicaSet has as many as it asks for, and writes down how many it has. */
export class ReplicaSetReconciler {
  readonly #parts: ReconcilerParts;
  readonly #control: PodControl;
  readonly #incarnations = new Incarnations();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#control = new PodControl(parts.client, parts.events);
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const set = this.#parts.sets.get(key);
    const former = this.#incarnations.replace(key, set?.metadata.uid);
    if (former !== undefined) this.#parts.expectations.forget(former);
    if (set === undefined) return undefined;
    const { client, expectations, clock } = this.#parts;
    const isSettled = expectations.areMet(set.metadata.uid!);
    const selector = labelSelectorFromObject(set.spec.selector);
    const mine = podsNear(this.#parts.pods, set);
    const active = await claimObjects(client, { owner: set, selector, kind: POD }, mine.filter(isPodActive));
    const terminating = mine.filter(
      (pod) => isPodTerminating(pod) && isControlledBy(pod, set) && selector.matches(pod.metadata.labels),
    );
    let error: unknown;
    if (isSettled && !set.metadata.deletionTimestamp) error = await this.#manage(set, active);
    const now = clock.now();
    const status = await this.#writeStatus(set, statusOf(set, { active, terminating, error, now }));
    if (error !== undefined) throw error;
    return this.#later(set, status, active);
  }

  /** Makes or deletes pods; why it could not. */
  async #manage(set: ReplicaSet, active: readonly Pod[]): Promise<unknown> {
    const difference = active.length - replicasOf(set);
    if (difference < 0) return this.#createPods(set, Math.min(-difference, BURST));
    if (difference > 0) return this.#deletePods(set, active, Math.min(difference, BURST));
    return undefined;
  }

  async #createPods(set: ReplicaSet, count: number): Promise<unknown> {
    const { expectations } = this.#parts;
    const uid = set.metadata.uid!;
    expectations.expectCreations(uid, count);
    const { succeeded, error } = await slowStart(count, async () => {
      try {
        await this.#control.create(set, set.spec.template);
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
      }
    });
    for (let left = count - succeeded; left > 0; left--) expectations.creationObserved(uid);
    return error;
  }

  async #deletePods(set: ReplicaSet, active: readonly Pod[], count: number): Promise<unknown> {
    const { expectations, clock } = this.#parts;
    const uid = set.metadata.uid!;
    const chosen = choosePodsToDelete(active, this.#relatedPods(set), count, clock.now());
    expectations.expectDeletions(
      uid,
      chosen.map(({ metadata }) => metadata.uid!),
    );
    const failures: unknown[] = [];
    const deletions = chosen.map((pod) =>
      this.#control.delete(set, pod).catch((error: unknown) => {
        expectations.deletionObserved(uid, pod.metadata.uid!);
        if (!isStatusError(error, 'NotFound')) failures.push(error);
      }),
    );
    await Promise.all(deletions);
    return failures[0];
  }

  /** The pods of all sets that have the same controller, and its own: those of the other revisions of a Deployment. */
  #relatedPods(set: ReplicaSet): readonly Pod[] {
    const { sets, pods } = this.#parts;
    const { namespace } = set.metadata;
    const controller = controllerOf(set);
    const related =
      controller === undefined
        ? [set]
        : sets.list(namespace).filter((other) => controllerOf(other)?.uid === controller.uid);
    const selectors = related.map(({ spec }) => labelSelectorFromObject(spec.selector));
    return pods.list(namespace).filter(({ metadata }) => selectors.some((one) => one.matches(metadata.labels)));
  }

  async #writeStatus(set: ReplicaSet, next: ReplicaSetStatus): Promise<ReplicaSetStatus> {
    if (isStatusCurrent(set, next)) return next;
    const status = { ...next, observedGeneration: set.metadata.generation };
    await writeStatus(this.#parts.client, REPLICA_SET, set, status);
    return status;
  }

  /** Pods become available without anything happening to them. */
  #later(set: ReplicaSet, status: ReplicaSetStatus, active: readonly Pod[]): ReconcileResult | undefined {
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds === 0 || status.readyReplicas === status.availableReplicas) return undefined;
    const wait = nextAvailabilityMs(active, minReadySeconds, this.#parts.clock.now());
    return { requeueAfterMs: wait ?? minReadySeconds * 1000 };
  }
}
