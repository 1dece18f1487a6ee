import { isStatusError, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, Clock, ObjectKey, ObjectStore } from 'nekube/client';
import { CoreEventRecorder, type ReconcileResult } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { nextAvailabilityMs, POD, type Pod } from '../pods/pod.ts';
import { controllerKeysOf, PODS_BY_CONTROLLER, podsNear } from '../pods/pods-by-controller.ts';
import { claimObjects } from '../workload/claim.ts';
import { CONTROLLER_REVISION, type ControllerRevision, templateOf } from '../workload/controller-revision.ts';
import { OwnedPodEvents } from '../workload/owned-events.ts';
import { listRevisions, type SetRevisions, syncRevisions, truncateRevisions } from './revisions.ts';
import { newPod, revisionOf } from './stateful-pod.ts';
import { StatefulPodControl } from './stateful-pod-control.ts';
import { CLAIM, identityOf, startOf, STATEFUL_SET, type StatefulSet, type StatefulSetStatus } from './stateful-set.ts';
import { planPods, StatefulSetSync } from './stateful-set-sync.ts';
import { completed, isStatusCurrent, statusOf } from './status.ts';

const NAME = 'statefulset-controller';

/** Keeps the pods of StatefulSets, each with its name and its storage, in their order. */
export const statefulSetController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    const { store: sets } = manager.cache.informer(STATEFUL_SET);
    const { store: pods } = manager.cache.informer(POD);
    manager.addIndex(POD, PODS_BY_CONTROLLER, controllerKeysOf);
    const { store: claims } = manager.cache.informer(CLAIM);
    const { store: revisions } = manager.cache.informer(CONTROLLER_REVISION);
    const events = new CoreEventRecorder(client, NAME, clock);
    const control = new StatefulPodControl({ client, events, claims });
    const reconciler = new StatefulSetReconciler({ client, clock, control, sets, pods, revisions });
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .for(STATEFUL_SET)
      .watches(POD, new OwnedPodEvents(STATEFUL_SET, sets))
      .reconcile((key) => reconciler.reconcile(key));
  },
};

/** What the reconciler works with. */
interface ReconcilerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly control: StatefulPodControl;
  readonly sets: ObjectStore<StatefulSet>;
  readonly pods: ObjectStore<Pod>;
  readonly revisions: ObjectStore<ControllerRevision>;
}

class StatefulSetReconciler {
  readonly #parts: ReconcilerParts;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const { client, sets, revisions: store, clock } = this.#parts;
    const set = sets.get(key);
    if (set === undefined) return undefined;
    const revisions = await listRevisions(client, set, store);
    const pods = await this.#podsOf(set);
    const synced = await syncRevisions(client, set, revisions);
    const live = new Set([synced.current.metadata.name!, synced.update.metadata.name!, ...pods.map(revisionOf)]);
    const now = clock.now();
    try {
      const status = await this.#bringOn(set, pods, { synced, now });
      return later(set, status, pods, now);
    } finally {
      await truncateRevisions(client, set, revisions, live);
    }
  }

  #podsOf(set: StatefulSet): Promise<readonly Pod[]> {
    const selector = labelSelectorFromObject(set.spec.selector);
    const near = podsNear(this.#parts.pods, set);
    const accepts = (pod: Pod): boolean => identityOf(pod).parent === set.metadata.name;
    return claimObjects(this.#parts.client, { owner: set, selector, kind: POD, accepts }, near);
  }

  /** Does what can be done with the pods, and writes down what there is, also when something failed. */
  async #bringOn(
    set: StatefulSet,
    pods: readonly Pod[],
    { synced, now }: { readonly synced: SetRevisions; readonly now: number },
  ): Promise<StatefulSetStatus> {
    const { current, update, collisionCount } = synced;
    const names = { current: current.metadata.name!, update: update.metadata.name!, collisionCount };
    if (set.metadata.deletionTimestamp) return this.#writeStatus(set, statusOf(set, pods, { names, now }));
    const planned = planPods(set, pods, (ordinal) => podFor(set, synced, ordinal));
    const counted = [...planned.replicas, ...planned.condemned];
    const status = statusOf(set, counted, { names, now });
    let updated: number;
    try {
      updated = await new StatefulSetSync(set, this.#parts.control, now).run(planned, names.update);
    } catch (error) {
      await this.#writeStatus(set, status).catch(() => {});
      throw error;
    }
    return this.#writeStatus(set, { ...status, currentReplicas: status.currentReplicas! - updated });
  }

  /** What stands in the way was written meanwhile; the second try is on top of that. */
  async #writeStatus(set: StatefulSet, next: StatefulSetStatus): Promise<StatefulSetStatus> {
    const { client } = this.#parts;
    const status = completed(set, next);
    if (isStatusCurrent(set, status)) return status;
    const write = (live: StatefulSet): Promise<StatefulSet> =>
      client.update<StatefulSet>({ ...STATEFUL_SET, ...live, status }, { subresource: 'status' });
    try {
      await write(set);
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) throw error;
      const { namespace, name = '' } = set.metadata;
      await write(await client.get(STATEFUL_SET, { namespace, name }));
    }
    return status;
  }
}

/** Below the partition pods are made as they were. */
function podFor(set: StatefulSet, { current, update }: SetRevisions, ordinal: number): Pod {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const kept = rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  const isKept = (type === 'RollingUpdate' || rollingUpdate !== undefined) && ordinal < startOf(set) + kept;
  const revision = isKept ? current : update;
  return newPod(set, templateOf(revision), revision.metadata.name!, ordinal);
}

/** Pods become available without anything happening to them. */
function later(
  set: StatefulSet,
  status: StatefulSetStatus,
  pods: readonly Pod[],
  now: number,
): ReconcileResult | undefined {
  const { minReadySeconds = 0 } = set.spec;
  if (minReadySeconds === 0 || status.readyReplicas === status.availableReplicas) return undefined;
  return { requeueAfterMs: nextAvailabilityMs(pods, minReadySeconds, now) ?? minReadySeconds * 1000 };
}
