import type { KubeObject } from 'nekube/apimachinery';
import type { Informer } from 'nekube/client';
import type { Cluster } from './cluster/cluster.ts';
import { podInfoOf } from './cluster/pod-info.ts';
import type { Node } from './objects/node.ts';
import { isTerminated, type Pod, priorityOf } from './objects/pod.ts';
import type { ClusterEvent, EventResource } from './plugins/plugin.ts';
import { nodeEvents, podEvents } from './queue/events.ts';
import type { Nominations } from './queue/nominations.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

/** What hears of changes. */
export interface ClusterEventParts {
  readonly cluster: Cluster;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  /** Whether a pod is ours to schedule. */
  readonly isOurs: (pod: Pod) => boolean;
  /** Is told after each change of what those may wait for who are about to be bound. */
  readonly onChange: () => void;
}

/** Follows nodes: what there is to decide by, and whom a change may help. */
export function followNodes(informer: Informer<Node>, { cluster, queue }: ClusterEventParts): void {
  informer.handle({
    added(node) {
      cluster.setNode(node);
      queue.move({ resource: 'Node', action: 'Add', object: node });
    },
    updated(node, old) {
      cluster.setNode(node);
      for (const event of nodeEvents(old, node)) queue.move(event);
    },
    deleted(node) {
      queue.move({ resource: 'Node', action: 'Delete', old: node });
      cluster.removeNode(node.metadata.name!);
    },
  });
}

/** Follows what else there is to decide by. */
export function followOthers<T extends KubeObject>(
  informer: Informer<T>,
  resource: EventResource,
  { queue, onChange }: ClusterEventParts,
): void {
  const tell = (event: Omit<ClusterEvent, 'resource'>): void => {
    queue.move({ resource, ...event });
    onChange();
  };
  informer.handle({
    added: (object) => tell({ action: 'Add', object }),
    updated: (object, old) => tell({ action: 'Update', old, object }),
    deleted: (old) => tell({ action: 'Delete', old }),
  });
}

/** Follows pods: those that wait, and those that are on nodes. One that has ended is as good as gone. */
export function followPods(informer: Informer<Pod>, parts: ClusterEventParts): void {
  const changes = new PodChanges(parts);
  informer.handle({
    added: (pod) => (isTerminated(pod) ? undefined : changes.added(pod)),
    updated(pod, old) {
      if (pod.metadata.uid !== old.metadata.uid) {
        if (!isTerminated(old)) changes.deleted(old);
        if (!isTerminated(pod)) changes.added(pod);
      } else if (isTerminated(old)) return;
      else if (isTerminated(pod)) changes.deleted(pod);
      else changes.updated(pod, old);
    },
    deleted: (pod) => (isTerminated(pod) ? undefined : changes.deleted(pod)),
  });
}

class PodChanges {
  readonly #parts: ClusterEventParts;

  constructor(parts: ClusterEventParts) {
    this.#parts = parts;
  }

  added(pod: Pod): void {
    if (pod.spec.nodeName) return this.#assigned(pod);
    if (!this.#parts.isOurs(pod)) return;
    this.#nominate(pod);
    this.#parts.queue.set(pod);
  }

  updated(pod: Pod, old: Pod): void {
    const { cluster, queue } = this.#parts;
    if (old.spec.nodeName) {
      cluster.setPod(pod);
      for (const event of podEvents(old, pod)) queue.move(event);
    } else if (pod.spec.nodeName) {
      this.#remove(pod);
      this.#assigned(pod);
    } else if (this.#parts.isOurs(pod)) this.#waiting(pod, old);
  }

  deleted(pod: Pod): void {
    const { cluster, queue, isOurs, onChange } = this.#parts;
    const uid = pod.metadata.uid!;
    const event: ClusterEvent = { resource: 'AssignedPod', action: 'Delete', old: pod };
    if (pod.spec.nodeName || cluster.isAssumed(uid)) {
      this.#remove(pod);
      cluster.removePod(uid);
      queue.move(event);
    } else if (isOurs(pod)) {
      this.#remove(pod);
      if (pod.status?.nominatedNodeName) queue.move(event, (other) => priorityOf(other) <= priorityOf(pod));
    }
    onChange();
  }

  #assigned(pod: Pod): void {
    this.#parts.cluster.setPod(pod);
    this.#parts.queue.move({ resource: 'AssignedPod', action: 'Add', object: pod });
  }

  #waiting(pod: Pod, old: Pod): void {
    const { cluster, queue } = this.#parts;
    if (pod.metadata.resourceVersion === old.metadata.resourceVersion || cluster.isAssumed(pod.metadata.uid!)) return;
    this.#nominate(pod, old);
    queue.set(pod, podEvents(old, pod));
    const { nominatedNodeName: before } = old.status ?? {};
    if (!before || before === pod.status?.nominatedNodeName) return;
    const event: ClusterEvent = { resource: 'AssignedPod', action: 'Delete', old };
    queue.move(event, (other) => priorityOf(other) <= priorityOf(old));
  }

  /** What its status says holds, unless we said otherwise before the server did. */
  #nominate(pod: Pod, old?: Pod): void {
    const { nominations } = this.#parts;
    const uid = pod.metadata.uid!;
    const said = pod.status?.nominatedNodeName;
    const before = old?.status?.nominatedNodeName;
    const node = said === before ? (nominations.nodeOf(uid) ?? said) : said;
    if (node) nominations.set(podInfoOf(pod), node);
    else nominations.delete(uid);
  }

  #remove({ metadata }: Pod): void {
    this.#parts.queue.delete(metadata.uid!);
    this.#parts.nominations.delete(metadata.uid!);
  }
}
