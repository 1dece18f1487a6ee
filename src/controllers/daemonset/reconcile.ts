import { isStatusError, type JsonValue, jsonEqual, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, Clock, ObjectKey, ObjectStore } from 'nekube/client';
import type { CoreEventRecorder, ReconcileResult } from 'nekube/controller';
import type { Node } from '../nodes/node.ts';
import { nextAvailabilityMs, POD, type Pod } from '../pods/pod.ts';
import { isNamespaceTerminating, PodControl } from '../pods/pod-control.ts';
import { podsNear } from '../pods/pods-by-controller.ts';
import { claimObjects } from '../workload/claim.ts';
import type { ControllerRevision } from '../workload/controller-revision.ts';
import type { Expectations } from '../workload/expectations.ts';
import { Incarnations } from '../workload/incarnations.ts';
import { slowStart } from '../workload/slow-start.ts';
import { writeStatus } from '../workload/write-status.ts';
import { Backoff } from './backoff.ts';
import { nodeOf, templateFor } from './daemon-pod.ts';
import { DAEMON_SET, type DaemonSet, type DaemonSetStatus } from './daemon-set.ts';
import { hashOf, syncHistory, truncateHistory } from './history.ts';
import { type DaemonPlan, type DaemonWorld, isOver, planDaemons, planUpdate, statusOf } from './plan.ts';

/** What the reconciler works with. */
export interface ReconcilerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
  readonly expectations: Expectations;
  readonly sets: ObjectStore<DaemonSet>;
  readonly pods: ObjectStore<Pod>;
  readonly nodes: ObjectStore<Node>;
  readonly revisions: ObjectStore<ControllerRevision>;
}

/** At most so many pods of a set are made or deleted at once. */
const BURST = 250;

/** Keeps a pod of each DaemonSet on each node that it is for, and brings all of them to its template. */
export class DaemonSetReconciler {
  readonly #parts: ReconcilerParts;
  readonly #control: PodControl;
  readonly #backoff = new Backoff();
  readonly #incarnations = new Incarnations();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#control = new PodControl(parts.client, parts.events);
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const set = this.#parts.sets.get(key);
    const former = this.#incarnations.replace(key, set?.metadata.uid);
    if (former !== undefined) this.#parts.expectations.forget(former);
    if (set === undefined || set.metadata.deletionTimestamp) return undefined;
    const { client, expectations, revisions: store } = this.#parts;
    const history = await syncHistory(client, set, { store, pods: () => this.#podsOf(set) });
    const hash = hashOf(history.current);
    if (!expectations.areMet(set.metadata.uid!)) return this.#writeStatus(await this.#world(set, hash), false);
    let waitMs: number | undefined;
    let failure: unknown;
    try {
      waitMs = await this.#update(set, hash);
      await truncateHistory(client, set, history, await this.#podsOf(set));
    } catch (error) {
      failure = error;
    }
    const later = await this.#writeStatus(await this.#world(set, hash), true);
    if (failure !== undefined) throw failure;
    const waits = [waitMs, later?.requeueAfterMs].filter((ms) => ms !== undefined);
    return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) };
  }

  /** In how many milliseconds pods that failed may be deleted; undefined: none waits. */
  async #update(set: DaemonSet, hash: string): Promise<number | undefined> {
    const world = await this.#world(set, hash);
    const { create, remove, ended } = planDaemons(world);
    const { due, waitMs } = this.#dueOf(world, ended);
    await this.#carryOut(world, { create, remove: [...due, ...remove] });
    const isRolling = set.spec.updateStrategy?.type === 'RollingUpdate';
    if (isRolling && this.#parts.expectations.areMet(set.metadata.uid!)) {
      const next = await this.#world(set, hash);
      await this.#carryOut(next, planUpdate(next));
    }
    return waitMs;
  }

  /** Which of the pods that have ended go now: those that fail again and again wait longer each time. */
  #dueOf({ set, now }: DaemonWorld, ended: DaemonPlan['ended']): { due: readonly Pod[]; waitMs: number | undefined } {
    const due: Pod[] = [];
    const waits: number[] = [];
    for (const { pod, node } of ended) {
      const hasFailed = pod.status?.phase === 'Failed';
      const key = `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`;
      const wait = hasFailed ? this.#backoff.take(key, now) : undefined;
      if (wait !== undefined) waits.push(wait);
      else due.push(pod);
      if (wait === undefined) this.#tellEnded(set, pod, node);
    }
    return { due, waitMs: waits.length === 0 ? undefined : Math.min(...waits) };
  }

  #tellEnded(set: DaemonSet, { metadata, status }: Pod, node: string): void {
    const { events } = this.#parts;
    const which = `daemon pod ${metadata.namespace}/${metadata.name} on node ${node}, will try to`;
    if (status?.phase === 'Failed') events.record(set, 'Warning', 'FailedDaemonPod', `Found failed ${which} kill it`);
    else events.record(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${which} delete it`);
  }

  async #carryOut({ set, hash }: DaemonWorld, plan: Pick<DaemonPlan, 'create' | 'remove'>): Promise<void> {
    const { expectations } = this.#parts;
    const uid = set.metadata.uid!;
    const create = plan.create.slice(0, BURST);
    const remove = plan.remove.slice(0, BURST);
    expectations.expect(
      uid,
      create.length,
      remove.map(({ metadata }) => metadata.uid!),
    );
    let index = 0;
    const { succeeded, error } = await slowStart(create.length, () => this.#create(set, create[index++]!, hash));
    for (let left = create.length - succeeded; left > 0; left--) expectations.creationObserved(uid);
    const failures: unknown[] = error === undefined ? [] : [error];
    const deletions = remove.map((pod) =>
      this.#control.delete(set, pod).catch((thrown: unknown) => {
        expectations.deletionObserved(uid, pod.metadata.uid!);
        if (!isStatusError(thrown, 'NotFound')) failures.push(thrown);
      }),
    );
    await Promise.all(deletions);
    if (failures.length > 0) throw failures[0];
  }

  async #create(set: DaemonSet, node: string, hash: string): Promise<void> {
    try {
      await this.#control.create(set, templateFor(set, node, hash));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  async #world(set: DaemonSet, hash: string): Promise<DaemonWorld> {
    const pods = new Map<string, Pod[]>();
    for (const pod of await this.#podsOf(set)) {
      const node = nodeOf(pod);
      if (node === undefined || (isOver(pod) && pod.metadata.deletionTimestamp)) continue;
      pods.set(node, [...(pods.get(node) ?? []), pod]);
    }
    return { set, nodes: this.#parts.nodes.list(), pods, hash, now: this.#parts.clock.now() };
  }

  #podsOf(set: DaemonSet): Promise<readonly Pod[]> {
    const { client, pods } = this.#parts;
    const selector = labelSelectorFromObject(set.spec.selector);
    return claimObjects(client, { owner: set, selector, kind: POD }, podsNear(pods, set));
  }

  async #writeStatus(world: DaemonWorld, isObserved: boolean): Promise<ReconcileResult | undefined> {
    const { set, pods, now } = world;
    const status = statusOf(world);
    if (!isCurrent(set, status)) {
      const generation = isObserved ? set.metadata.generation : set.status?.observedGeneration;
      const next = { ...status, ...(generation !== undefined && { observedGeneration: generation }) };
      await writeStatus(this.#parts.client, DAEMON_SET, set, next);
    }
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds === 0 || status.numberReady === status.numberAvailable) return undefined;
    const wait = nextAvailabilityMs([...pods.values()].flat(), minReadySeconds, now);
    return { requeueAfterMs: wait ?? minReadySeconds * 1000 };
  }
}

/** Whether a status says the same; Go leaves out what is zero. */
function isCurrent({ metadata, status }: DaemonSet, next: DaemonSetStatus): boolean {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
  const { observedGeneration: _, ...counts } = status!;
  const isThere = (all: object): JsonValue =>
    Object.fromEntries(Object.entries(all).filter(([key, value]) => value !== 0 || key === 'collisionCount'));
  return jsonEqual(isThere(counts), isThere(next));
}
