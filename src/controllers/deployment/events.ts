import type { ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, type EventHandler, type ObjectEvent, type RequestQueue } from 'nekube/controller';
import { keyOf } from '../object-key.ts';
import type { Pod } from '../pods/pod.ts';
import { podsOwnedBy } from '../pods/pods-by-controller.ts';
import { REPLICA_SET, type ReplicaSet } from '../replicaset/replica-set.ts';
import { resolveController } from '../workload/claim.ts';
import { hasSameLabels, interestedIn } from '../workload/interest.ts';
import { DEPLOYMENT, type Deployment } from './deployment.ts';

/** Makes requests of what happens to ReplicaSets: of the Deployment that has it, or of those that might want it. */
export class ReplicaSetEvents implements EventHandler<ReplicaSet> {
  readonly #deployments: ObjectStore<Deployment>;

  constructor(deployments: ObjectStore<Deployment>) {
    this.#deployments = deployments;
  }

  handle(event: ObjectEvent<ReplicaSet>, queue: RequestQueue<ObjectKey>): void {
    const { object } = event;
    const old = event.type === 'updated' ? event.old : undefined;
    const isOrphan = controllerOf(object) === undefined;
    const wasOwned = old !== undefined && controllerOf(old) !== undefined;
    if (wasOwned && controllerOf(old)?.uid !== controllerOf(object)?.uid) this.#addOwner(old, queue);
    if (!isOrphan) return this.#addOwner(object, queue);
    // nobody wants what is on its way out
    if (event.type === 'deleted' || (old === undefined && object.metadata.deletionTimestamp)) return;
    if (old !== undefined && !wasOwned && hasSameLabels(object, old)) return;
    for (const deployment of interestedIn(object, this.#deployments)) queue.add(keyOf(deployment));
  }

  #addOwner(set: ReplicaSet, queue: RequestQueue<ObjectKey>): void {
    const deployment = resolveController(set, DEPLOYMENT, (key) => this.#deployments.get(key));
    if (deployment !== undefined) queue.add(keyOf(deployment));
  }
}

/** What is known of Deployments, and of what belongs to them. */
export interface DeploymentStores {
  readonly deployments: ObjectStore<Deployment>;
  readonly sets: ObjectStore<ReplicaSet>;
  readonly pods: ObjectStore<Pod>;
}

/** Requests a Deployment that waits for its old pods to go, when the last of all its pods is gone. */
export class PodEvents implements EventHandler<Pod> {
  readonly #stores: DeploymentStores;

  constructor(stores: DeploymentStores) {
    this.#stores = stores;
  }

  handle({ type, object }: ObjectEvent<Pod>, queue: RequestQueue<ObjectKey>): void {
    if (type !== 'deleted') return;
    const { deployments, sets } = this.#stores;
    const set = resolveController(object, REPLICA_SET, (key) => sets.get(key));
    const deployment = set && resolveController(set, DEPLOYMENT, (key) => deployments.get(key));
    if (deployment?.spec.strategy?.type === 'Recreate' && !this.#hasPods(deployment)) queue.add(keyOf(deployment));
  }

  #hasPods({ metadata: { namespace, uid } }: Deployment): boolean {
    const { sets, pods } = this.#stores;
    const own = sets.list(namespace).filter((set) => controllerOf(set)?.uid === uid);
    const uids = own.map((set) => set.metadata.uid);
    return podsOwnedBy(pods, uids).length > 0;
  }
}
