import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, Kind } from 'nekube/client';
import type { PersistentVolume, PersistentVolumeClaim } from 'nekube/component-helpers';
import type { Cache } from 'nekube/controller';
import type { Cluster } from './cluster/cluster.ts';
import { Volumes } from './cluster/volumes.ts';
import type { Budget } from './decision/preemption.ts';
import { type Node, NODE } from './objects/node.ts';
import { type Pod, POD } from './objects/pod.ts';
import { CLAIM, PERSISTENT_VOLUME, STORAGE_CLASS, type StorageClass } from './objects/storage.ts';
import type { World } from './plugins/plugin.ts';

/** What the scheduler follows. */
export interface Informers {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly namespaces: Informer;
  readonly budgets: Informer<Budget>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  /** What pods may belong to, by kinds. */
  readonly owners: ReadonlyMap<string, Informer>;
}

const NAMESPACE: Kind = { apiVersion: 'v1', kind: 'Namespace' };
const BUDGET: Kind<Budget> = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
const OWNERS: readonly Kind[] = [
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ReplicationController' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
];

/** The informers of a cache that the scheduler needs. */
export function informersOf(cache: Cache): Informers {
  return {
    pods: cache.informer(POD),
    nodes: cache.informer(NODE),
    namespaces: cache.informer(NAMESPACE),
    budgets: cache.informer(BUDGET),
    claims: cache.informer(CLAIM),
    volumes: cache.informer(PERSISTENT_VOLUME),
    classes: cache.informer(STORAGE_CLASS),
    owners: new Map(OWNERS.map((kind) => [kind.kind, cache.informer(kind)])),
  };
}

/** Resolves when all is known that there was at the beginning. */
export async function allSynced({ owners, ...informers }: Informers, signal: AbortSignal): Promise<void> {
  const all: { synced(signal: AbortSignal): Promise<void> }[] = [...Object.values(informers), ...owners.values()];
  await Promise.all(all.map((informer) => informer.synced(signal)));
}

/** What decisions look at: the cluster, and what informers have. */
export function worldOf(cluster: Cluster, { namespaces, claims, volumes, classes, owners }: Informers): World {
  return {
    cluster,
    volumes: new Volumes({
      claim: (namespace, name) => claims.store.get({ namespace, name }),
      volume: (name) => volumes.store.get({ name }),
      volumes: () => volumes.store.list(),
      storageClass: (name) => classes.store.get({ name }),
    }),
    labelsOf: (name) => namespaces.store.get({ name })?.metadata.labels,
    object: <T extends KubeObject>(kind: string, namespace: string, name: string) =>
      owners.get(kind)?.store.get({ namespace, name }) as T | undefined,
    objects: <T extends KubeObject>(kind: string, namespace: string) =>
      (owners.get(kind)?.store.list(namespace) ?? []) as readonly T[],
  };
}
