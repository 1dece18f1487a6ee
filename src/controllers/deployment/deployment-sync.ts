import { isStatusError, type JsonValue, jsonEqual } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CoreEventRecorder, ReconcileResult } from 'nekube/controller';
import type { Pod } from '../pods/pod.ts';
import { isNamespaceTerminating, messageOf } from '../pods/pod-control.ts';
import { REPLICA_SET, type ReplicaSet, replicasOf } from '../replicaset/replica-set.ts';
import { annotationsOfRevision, includes, lastRevision, REVISION, sizeAnnotations } from './annotations.ts';
import {
  conditionOf,
  DEPLOYMENT,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  desiredReplicas,
  hasProgressDeadline,
  isRollingUpdate,
} from './deployment.ts';
import { newReplicaSet } from './new-replica-set.ts';
import { isComplete, pausedCondition, PROGRESSING, progressCheckMs, progressing, rolloutStatusOf } from './progress.ts';
import { activeOf, allOf, isSameTemplate, type Revisions, revisionsOf, totalOf } from './replica-sets.ts';
import { rollbackOf, rollbackRevision } from './rollback.ts';
import { nextReplicas, setsToForget, surplusScales, unhealthyScales } from './rollout.ts';
import { isScaled, type Scale, scalesFor } from './scaling.ts';
import { statusOf, withCondition } from './status.ts';

/** What a sync works with. */
export interface SyncParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly deployment: Deployment;
  /** Its ReplicaSets. */
  readonly sets: readonly ReplicaSet[];
  /** The pods of all of them. */
  readonly pods: () => readonly Pod[];
}

/** One step of a Deployment on its way: what to do now is decided by its ReplicaSets, and done. */
export class DeploymentSync {
  readonly #client: Client;
  readonly #events: CoreEventRecorder;
  readonly #now: number;
  readonly #pods: () => readonly Pod[];
  /** As it was last written. */
  #deployment: Deployment;
  #sets: readonly ReplicaSet[];

  constructor({ client, events, now, deployment, sets, pods }: SyncParts) {
    this.#client = client;
    this.#events = events;
    this.#now = now;
    this.#pods = pods;
    this.#deployment = deployment;
    this.#sets = sets;
  }

  async run(): Promise<ReconcileResult | undefined> {
    if (this.#deployment.metadata.deletionTimestamp) {
      await this.#writeStatus(statusOf(this.#deployment, await this.#revisions(), this.#now));
      return undefined;
    }
    const paused = pausedCondition(this.#deployment, this.#now);
    if (paused !== undefined) await this.#tell(paused);
    if (this.#deployment.spec.paused) return this.#scale();
    const asked = rollbackRevision(this.#deployment);
    if (asked !== undefined) return this.#rollBack(asked);
    if (isScaled(this.#deployment, await this.#revisions())) return this.#scale();
    return isRollingUpdate(this.#deployment) ? this.#roll() : this.#recreate();
  }

  /** All ReplicaSets, the current one with the revision that is its, and the Deployment with the same. */
  async #revisions(): Promise<Revisions> {
    const { current, old } = revisionsOf(this.#deployment, this.#sets);
    if (current === undefined) return { current, old };
    return { current: await this.#synced(current, lastRevision(old) + 1), old };
  }

  async #synced(set: ReplicaSet, revision: number): Promise<ReplicaSet> {
    const { minReadySeconds } = this.#deployment.spec;
    const before = set.metadata.annotations ?? {};
    const annotations = annotationsOfRevision(this.#deployment, before, revision);
    if (!includes(before, annotations) || (set.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      const metadata = { ...set.metadata, annotations: { ...annotations } };
      const next = { ...set, metadata, spec: { ...set.spec, minReadySeconds: minReadySeconds ?? 0 } };
      const updated = await this.#client.update<ReplicaSet>({ ...REPLICA_SET, ...next });
      this.#sets = this.#sets.map((one) => (one === set ? updated : one));
      return updated;
    }
    const isKnown = !hasProgressDeadline(this.#deployment) || conditionOf(this.#deployment.status, PROGRESSING);
    const message = `Found new replica set "${set.metadata.name}"`;
    const found = isKnown ? undefined : progressing('True', 'FoundNewReplicaSet', message, this.#now);
    await this.#tell(found, before[REVISION] ?? '');
    return set;
  }

  /** The same with a current one in any case: it is made if there is none. */
  async #revisionsWithCurrent(): Promise<Revisions & { readonly current: ReplicaSet }> {
    const { current, old } = await this.#revisions();
    return { current: current ?? (await this.#create(old)), old };
  }

  async #create(old: readonly ReplicaSet[]): Promise<ReplicaSet> {
    const revision = lastRevision(old) + 1;
    const planned = newReplicaSet(this.#deployment, old, revision);
    let made: ReplicaSet | undefined;
    try {
      made = await this.#client.create<ReplicaSet>({ ...REPLICA_SET, ...planned });
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw await this.#createFailed(planned, error);
      const set = await this.#ownOf(planned, error);
      await this.#tell(undefined, String(revision));
      return set;
    }
    const { name } = made.metadata;
    if (replicasOf(planned) > 0) this.#tellScaled(made, 0, replicasOf(planned));
    const message = `Created new replica set "${name}"`;
    const hasDeadline = hasProgressDeadline(this.#deployment);
    const created = hasDeadline ? progressing('True', 'NewReplicaSetCreated', message, this.#now) : undefined;
    await this.#tell(created, String(revision));
    return made;
  }

  /** The ReplicaSet that was there already, if it is what was to be made; otherwise the next one has another name. */
  async #ownOf({ metadata: { namespace, name = '' } }: ReplicaSet, error: unknown): Promise<ReplicaSet> {
    const { metadata, spec, status } = this.#deployment;
    const found = await this.#client.get(REPLICA_SET, { namespace, name });
    const owner = found.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner?.uid === metadata.uid && isSameTemplate(spec.template, found.spec.template)) return found;
    await this.#write({ ...status, collisionCount: (status?.collisionCount ?? 0) + 1 });
    throw error;
  }

  async #createFailed({ metadata: { name } }: ReplicaSet, error: unknown): Promise<unknown> {
    if (isNamespaceTerminating(error)) return error;
    const reason = 'ReplicaSetCreateError';
    const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
    if (hasProgressDeadline(this.#deployment)) {
      // that it could not be made matters more than that this cannot be told
      await this.#tell(progressing('False', reason, message, this.#now)).catch(() => {});
    }
    this.#events.record(this.#deployment, 'Warning', reason, message);
    return error;
  }

  async #scale(): Promise<undefined> {
    const revisions = await this.#revisions();
    for (const scale of scalesFor(this.#deployment, revisions)) await this.#scaleSet(scale);
    const { paused } = this.#deployment.spec;
    if (paused && rollbackRevision(this.#deployment) === undefined) await this.#forget(revisions.old);
    await this.#writeStatus(statusOf(this.#deployment, revisions, this.#now));
  }

  async #rollBack(asked: number): Promise<undefined> {
    const all = allOf(await this.#revisionsWithCurrent());
    const { deployment, type, reason, message } = rollbackOf(this.#deployment, all, asked);
    const about = this.#deployment;
    if (type === 'Warning') this.#events.record(about, type, reason, message);
    await this.#client.update<Deployment>({ ...DEPLOYMENT, ...deployment });
    if (type === 'Normal') this.#events.record(about, type, reason, message);
  }

  async #roll(): Promise<ReconcileResult | undefined> {
    const revisions = await this.#revisionsWithCurrent();
    const { current, old } = revisions;
    if (!(await this.#scaleUp(current, allOf(revisions))) && !(await this.#scaleDown(current, activeOf(old)))) {
      if (isComplete(this.#deployment, this.#deployment.status)) await this.#forget(old);
    }
    return this.#rolloutStatus(revisions);
  }

  async #scaleUp(current: ReplicaSet, all: readonly ReplicaSet[]): Promise<boolean> {
    const [replicas, desired] = [replicasOf(current), desiredReplicas(this.#deployment)];
    if (replicas === desired) return false;
    const next = replicas > desired ? desired : nextReplicas(this.#deployment, all, replicas);
    await this.#scaleSet({ set: current, replicas: next });
    return next !== replicas;
  }

  /** First those that are not available, then as many as are not needed any more. */
  async #scaleDown(current: ReplicaSet, old: readonly ReplicaSet[]): Promise<boolean> {
    const unhealthy = unhealthyScales(this.#deployment, current, old);
    if (unhealthy === undefined) return false;
    const left = new Map(old.map((set) => [set.metadata.uid, set]));
    for (const scale of unhealthy) left.set(scale.set.metadata.uid, await this.#scaleSet(scale));
    const surplus = surplusScales(this.#deployment, current, [...left.values()]);
    for (const scale of surplus) await this.#scaleSet(scale);
    return unhealthy.length + surplus.length > 0;
  }

  /** All old pods go before the first new one comes. */
  async #recreate(): Promise<ReconcileResult | undefined> {
    let revisions = await this.#revisions();
    const active = activeOf(revisions.old);
    for (const set of active) await this.#scaleSet({ set, replicas: 0 });
    if (active.length > 0 || this.#hasOldPods(revisions)) return this.#rolloutStatus(revisions);
    const { current, old } = (revisions = await this.#revisionsWithCurrent());
    await this.#scaleSet({ set: current!, replicas: desiredReplicas(this.#deployment) });
    if (isComplete(this.#deployment, this.#deployment.status)) await this.#forget(old);
    return this.#rolloutStatus(revisions);
  }

  #hasOldPods({ current, old }: Revisions): boolean {
    if (totalOf(old, 'replicas') > 0) return true;
    return this.#pods().some(({ metadata, status }) => {
      const isNew = metadata.ownerReferences?.some(({ uid }) => uid === current?.metadata.uid) ?? false;
      return !isNew && status?.phase !== 'Failed' && status?.phase !== 'Succeeded';
    });
  }

  /** The set as it is then. */
  async #scaleSet({ set, replicas, tell = false }: Scale): Promise<ReplicaSet> {
    const before = replicasOf(set);
    const sizes = sizeAnnotations(this.#deployment);
    if (before === replicas && (!tell || includes(set.metadata.annotations, sizes))) return set;
    const metadata = { ...set.metadata, annotations: { ...set.metadata.annotations, ...sizes } };
    const next = { ...REPLICA_SET, ...set, metadata, spec: { ...set.spec, replicas } };
    const updated = await this.#client.update<ReplicaSet>(next);
    if (before !== replicas) this.#tellScaled(updated, before, replicas);
    return updated;
  }

  #tellScaled({ metadata: { name } }: ReplicaSet, before: number, after: number): void {
    const message = `Scaled ${before < after ? 'up' : 'down'} replica set ${name} from ${before} to ${after}`;
    this.#events.record(this.#deployment, 'Normal', 'ScalingReplicaSet', message);
  }

  async #forget(old: readonly ReplicaSet[]): Promise<void> {
    for (const { metadata } of setsToForget(this.#deployment, old)) {
      const key = { namespace: metadata.namespace, name: metadata.name! };
      try {
        await this.#client.delete(REPLICA_SET, key);
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    }
  }

  async #rolloutStatus(revisions: Revisions): Promise<ReconcileResult | undefined> {
    const status = rolloutStatusOf(this.#deployment, revisions, this.#now);
    if (await this.#writeStatus(status)) return undefined;
    const requeueAfterMs = progressCheckMs(this.#deployment, status, this.#now);
    return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }

  /** Whether there was anything to write. */
  async #writeStatus(status: DeploymentStatus): Promise<boolean> {
    const before = (this.#deployment.status ?? {}) as unknown as JsonValue;
    if (jsonEqual(before, status as unknown as JsonValue)) return false;
    await this.#write(status);
    return true;
  }

  /** Writes a condition and a revision, where they are not yet there. */
  async #tell(condition: DeploymentCondition | undefined, revision?: string): Promise<void> {
    const isKnown = revision === undefined || this.#deployment.metadata.annotations?.[REVISION] === revision;
    if (condition === undefined && isKnown) return;
    const status = this.#deployment.status ?? {};
    const next = condition === undefined ? status : withCondition(status, condition);
    const { metadata } = this.#deployment;
    const annotations = { ...metadata.annotations, ...(revision !== undefined && { [REVISION]: revision }) };
    await this.#write(next, { ...metadata, annotations });
  }

  async #write(status: DeploymentStatus, metadata = this.#deployment.metadata): Promise<void> {
    const next = { ...DEPLOYMENT, ...this.#deployment, metadata, status };
    this.#deployment = await this.#client.update<Deployment>(next, { subresource: 'status' });
  }
}
