import type { Kind, ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, type EventHandler, type ObjectEvent, type RequestQueue } from 'nekube/controller';
import { keyOf } from '../object-key.ts';
import { isPodReady, type Pod } from '../pods/pod.ts';
import { resolveController } from './claim.ts';
import { hasSameLabels, interestedIn, type Selecting } from './interest.ts';

/** Who owns pods by a selector. */
export interface PodOwner extends Selecting {
  spec: Selecting['spec'] & { minReadySeconds?: number };
}

/** What an owner wants to know at once of its pods. */
export interface PodObserver<O extends PodOwner> {
  /** One came. */
  created?(owner: O, pod: Pod): void;
  /** One went, or is on its way out. */
  deleted?(owner: O, pod: Pod): void;
}

/** Makes requests of what happens to pods: of the owner that has it, or of those that might want it. */
export class OwnedPodEvents<O extends PodOwner> implements EventHandler<Pod> {
  readonly #kind: Kind<O>;
  readonly #owners: ObjectStore<O>;
  readonly #observer: PodObserver<O>;

  constructor(kind: Kind<O>, owners: ObjectStore<O>, observer: PodObserver<O> = {}) {
    this.#kind = kind;
    this.#owners = owners;
    this.#observer = observer;
  }

  handle(event: ObjectEvent<Pod>, queue: RequestQueue<ObjectKey>): void {
    const { object: pod } = event;
    if (event.type === 'deleted' || (event.type !== 'updated' && pod.metadata.deletionTimestamp)) {
      return this.#deleted(pod, queue);
    }
    if (event.type === 'updated') return this.#updated(pod, event.old, queue);
    if (controllerOf(pod) === undefined) return this.#orphaned(pod, queue);
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    this.#observer.created?.(owner, pod);
    queue.add(keyOf(owner));
  }

  #updated(pod: Pod, old: Pod, queue: RequestQueue<ObjectKey>): void {
    if (pod.metadata.resourceVersion === old.metadata.resourceVersion) return;
    if (pod.metadata.deletionTimestamp) {
      // on its way out it is as good as gone, also to whom it was before
      if (!hasSameLabels(pod, old)) this.#deleted(old, queue);
      return this.#deleted(pod, queue);
    }
    const isOwnerChanged = controllerOf(pod)?.uid !== controllerOf(old)?.uid;
    const before = isOwnerChanged ? this.#ownerOf(old) : undefined;
    if (before !== undefined) queue.add(keyOf(before));
    if (controllerOf(pod) === undefined) {
      if (isOwnerChanged || !hasSameLabels(pod, old)) this.#orphaned(pod, queue);
      return;
    }
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    queue.add(keyOf(owner));
    const { minReadySeconds = 0 } = owner.spec;
    const isNewlyReady = isPodReady(pod) && !isPodReady(old);
    if (isNewlyReady && minReadySeconds > 0) queue.add(keyOf(owner), { afterMs: minReadySeconds * 1000 });
  }

  #deleted(pod: Pod, queue: RequestQueue<ObjectKey>): void {
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    this.#observer.deleted?.(owner, pod);
    queue.add(keyOf(owner));
  }

  #orphaned(pod: Pod, queue: RequestQueue<ObjectKey>): void {
    for (const owner of interestedIn(pod, this.#owners)) queue.add(keyOf(owner));
  }

  #ownerOf(pod: Pod): O | undefined {
    return resolveController(pod, this.#kind, (key) => this.#owners.get(key));
  }
}
