import { type JsonValue, jsonEqual } from 'nekube/apimachinery';
import type { ObjectKey, ObjectStore } from 'nekube/client';
import {
  controllerOf,
  isControlledBy,
  type EventHandler,
  type ObjectEvent,
  type RequestQueue,
} from 'nekube/controller';
import type { Node } from '../nodes/node.ts';
import { keyOf } from '../object-key.ts';
import type { Pod } from '../pods/pod.ts';
import { PODS_BY_NODE } from '../pods/pods-by-node.ts';
import { resolveController } from '../workload/claim.ts';
import type { ControllerRevision } from '../workload/controller-revision.ts';
import { hasSameLabels, interestedIn } from '../workload/interest.ts';
import { verdictOf } from './daemon-pod.ts';
import { DAEMON_SET, type DaemonSet } from './daemon-set.ts';

/** Requests the sets that a node that came, or has other labels or taints, makes a difference to. */
export class NodeEvents implements EventHandler<Node> {
  readonly #sets: ObjectStore<DaemonSet>;
  readonly #pods: ObjectStore<Pod>;

  constructor(sets: ObjectStore<DaemonSet>, pods: ObjectStore<Pod>) {
    this.#sets = sets;
    this.#pods = pods;
  }

  handle(event: ObjectEvent<Node>, queue: RequestQueue<ObjectKey>): void {
    const { object: node } = event;
    if (event.type === 'deleted' || (event.type === 'updated' && !isChanged(node, event.old))) return;
    const pods = this.#pods.byIndex(PODS_BY_NODE, node.metadata.name!);
    for (const set of this.#sets.list()) {
      const { shouldRun, mayStay } = verdictOf(set, node);
      const hasPod = pods.some((pod) => isControlledBy(pod, set));
      const isMisplaced = hasPod && (!mayStay || (set.status?.numberMisscheduled ?? 0) > 0);
      if ((shouldRun && !hasPod) || isMisplaced) queue.add(keyOf(set));
    }
  }
}

/** Requests the set whose revision was changed or deleted, and those that might want one that nobody has. */
export class RevisionEvents implements EventHandler<ControllerRevision> {
  readonly #sets: ObjectStore<DaemonSet>;

  constructor(sets: ObjectStore<DaemonSet>) {
    this.#sets = sets;
  }

  handle(event: ObjectEvent<ControllerRevision>, queue: RequestQueue<ObjectKey>): void {
    const { object } = event;
    const old = event.type === 'updated' ? event.old : undefined;
    const isOwned = controllerOf(object) !== undefined;
    if (old !== undefined && controllerOf(old)?.uid !== controllerOf(object)?.uid) this.#addOwner(old, queue);
    if (isOwned && event.type !== 'created') this.#addOwner(object, queue);
    if (isOwned || event.type === 'deleted') return;
    for (const set of interestedIn(object, this.#sets)) queue.add(keyOf(set));
  }

  #addOwner(revision: ControllerRevision, queue: RequestQueue<ObjectKey>): void {
    const set = resolveController(revision, DAEMON_SET, (key) => this.#sets.get(key));
    if (set !== undefined) queue.add(keyOf(set));
  }
}

function isChanged(node: Node, old: Node): boolean {
  const [taints, before] = [node, old].map(({ spec }) => (spec?.taints ?? []) as unknown as JsonValue);
  return !hasSameLabels(node, old) || !jsonEqual(taints, before);
}
