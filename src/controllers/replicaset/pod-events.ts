import { type JsonValue, jsonEqual, labelSelectorFromObject } from 'nekube/apimachinery';
import type { ObjectKey, ObjectStore } from 'nekube/client';
import { controllerOf, type EventHandler, type ObjectEvent, type RequestQueue } from 'nekube/controller';
import { isPodReady, type Pod } from '../pods/pod.ts';
import { resolveController } from '../workload/claim.ts';
import type { Expectations } from '../workload/expectations.ts';
import { REPLICA_SET, type ReplicaSet } from './replica-set.ts';

/** Makes requests of what happens to pods: of the set that has it, or of those that might want it. Meets expectations. */
export class PodEvents implements EventHandler<Pod> {
  readonly #sets: ObjectStore<ReplicaSet>;
  readonly #expectations: Expectations;

  constructor(sets: ObjectStore<ReplicaSet>, expectations: Expectations) {
    this.#sets = sets;
    this.#expectations = expectations;
  }

  handle(event: ObjectEvent<Pod>, queue: RequestQueue<ObjectKey>): void {
    if (event.type === 'updated') this.#updated(event.object, event.old, queue);
    else if (event.type === 'deleted') this.#deleted(event.object, queue);
    else this.#created(event.object, queue);
  }

  #created(pod: Pod, queue: RequestQueue<ObjectKey>): void {
    if (pod.metadata.deletionTimestamp) return this.#deleted(pod, queue);
    if (controllerOf(pod) === undefined) return this.#orphaned(pod, queue);
    const set = this.#ownerOf(pod);
    if (set === undefined) return;
    this.#expectations.creationObserved(set.metadata.uid!);
    queue.add(keyOf(set));
  }

  /** A pod that is on its way out is as good as gone: another is made at once. */
  #updated(pod: Pod, old: Pod, queue: RequestQueue<ObjectKey>): void {
    if (pod.metadata.resourceVersion === old.metadata.resourceVersion) return;
    if (pod.metadata.deletionTimestamp) {
      this.#deleted(pod, queue);
      if (labelsChanged(pod, old)) this.#deleted(old, queue);
      return;
    }
    const ownerChanged = !isSame(controllerOf(pod), controllerOf(old));
    const before = ownerChanged ? this.#ownerOf(old) : undefined;
    if (before !== undefined) queue.add(keyOf(before));
    if (controllerOf(pod) === undefined) {
      if (ownerChanged || labelsChanged(pod, old)) this.#orphaned(pod, queue);
      return;
    }
    const set = this.#ownerOf(pod);
    if (set !== undefined) this.#changed(set, { pod, old }, queue);
  }

  #changed(set: ReplicaSet, { pod, old }: { pod: Pod; old: Pod }, queue: RequestQueue<ObjectKey>): void {
    queue.add(keyOf(set));
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod)) {
      queue.add(keyOf(set), { afterMs: minReadySeconds * 1000 });
    }
  }

  #deleted(pod: Pod, queue: RequestQueue<ObjectKey>): void {
    const set = this.#ownerOf(pod);
    if (set === undefined) return;
    this.#expectations.deletionObserved(set.metadata.uid!, pod.metadata.uid!);
    queue.add(keyOf(set));
  }

  /** Whoever selects it may adopt it. */
  #orphaned({ metadata }: Pod, queue: RequestQueue<ObjectKey>): void {
    for (const set of this.#sets.list(metadata.namespace)) {
      const selector = labelSelectorFromObject(set.spec.selector);
      if (!selector.isEmpty && selector.matches(metadata.labels)) queue.add(keyOf(set));
    }
  }

  #ownerOf(pod: Pod): ReplicaSet | undefined {
    return resolveController(pod, REPLICA_SET, (key) => this.#sets.get(key));
  }
}

function keyOf({ metadata: { namespace, name = '' } }: ReplicaSet): ObjectKey {
  return { namespace, name };
}

function labelsChanged(pod: Pod, old: Pod): boolean {
  return !isSame(pod.metadata.labels, old.metadata.labels);
}

function isSame(a: object | undefined, b: object | undefined): boolean {
  return jsonEqual(a as JsonValue | undefined, b as JsonValue | undefined);
}
