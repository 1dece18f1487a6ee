import { isStatusError, type KubeObject, type OwnerReference, parseApiVersion } from 'nekube/apimachinery';
import type { Client, Kind, ObjectStore } from 'nekube/client';
import { controllerOf } from 'nekube/controller';
import type { Pod } from '../pods/pod.ts';

/** A workload, as far as its size is concerned. */
export interface Sized extends KubeObject {
  spec: { replicas?: number };
}

/** ReplicationControllers. */
export const REPLICATION_CONTROLLER: Kind<Sized> = { apiVersion: 'v1', kind: 'ReplicationController' };
/** ReplicaSets, Deployments and StatefulSets, of which only the size is looked at. */
export const SIZED_REPLICA_SET: Kind<Sized> = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
/** @see SIZED_REPLICA_SET */
export const SIZED_DEPLOYMENT: Kind<Sized> = { apiVersion: 'apps/v1', kind: 'Deployment' };
/** @see SIZED_REPLICA_SET */
export const SIZED_STATEFUL_SET: Kind<Sized> = { apiVersion: 'apps/v1', kind: 'StatefulSet' };

/** What the built-in workloads are found in. */
export interface WorkloadStores {
  readonly replicationControllers: ObjectStore<Sized>;
  readonly replicaSets: ObjectStore<Sized>;
  readonly deployments: ObjectStore<Sized>;
  readonly statefulSets: ObjectStore<Sized>;
}

/** How many pods of a budget there shall be, and which of them nobody has in hand. */
export interface ExpectedScale {
  readonly expectedPods: number;
  readonly unmanaged: readonly string[];
}

/** A controller of pods and its size. */
interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

/** Finds out how large the controllers of pods are: built-in ones from caches, others by their subresource `scale`. */
export class ScaleFinder {
  readonly #client: Client;
  readonly #stores: WorkloadStores;

  constructor(client: Client, stores: WorkloadStores) {
    this.#client = client;
    this.#stores = stores;
  }

  /** @throws Error for a pod whose controller is not there, or has no size */
  async expected(pods: readonly Pod[]): Promise<ExpectedScale> {
    const sizes = new Map<string, number>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const { namespace = '', name = '' } = pod.metadata;
      const controller = controllerOf(pod);
      if (controller === undefined) {
        unmanaged.push(name);
        continue;
      }
      if (sizes.has(controller.uid)) continue;
      const scale = this.#builtin(controller, namespace) ?? (await this.#byScale(controller, namespace));
      if (scale === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(name)}`);
      sizes.set(scale.uid, scale.replicas);
    }
    return { expectedPods: [...sizes.values()].reduce((sum, one) => sum + one, 0), unmanaged };
  }

  #builtin(controller: OwnerReference, namespace: string): Scale | undefined {
    const { replicationControllers, replicaSets, statefulSets } = this.#stores;
    if (isKind(controller, 'ReplicationController', [''])) return found(replicationControllers, controller, namespace);
    if (isKind(controller, 'StatefulSet', ['apps'])) return found(statefulSets, controller, namespace);
    if (!isKind(controller, 'ReplicaSet', ['apps', 'extensions'])) return undefined;
    const scale = found(replicaSets, controller, namespace);
    if (scale === undefined) return undefined;
    const parent = controllerOf(replicaSets.get({ namespace, name: controller.name })!);
    return parent?.kind === 'Deployment' ? this.#deployment(parent, namespace) : scale;
  }

  /** A ReplicaSet of a Deployment is one of several: the Deployment says how many there shall be in all. */
  #deployment(parent: OwnerReference, namespace: string): Scale | undefined {
    if (!isKind(parent, 'Deployment', ['apps', 'extensions'])) return undefined;
    return found(this.#stores.deployments, parent, namespace);
  }

  async #byScale({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Promise<Scale | undefined> {
    const { resource } = await this.#client.served({ apiVersion, kind });
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      const scale = (await this.#read(`${root}/namespaces/${namespace}/${resource}/${name}/scale`)) as Sized;
      return scale.metadata.uid === uid ? { uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      if (await this.#hasScale(root, resource)) return undefined;
      const group = parseApiVersion(apiVersion)?.group;
      const named = group ? `${resource}.${group}` : resource;
      throw new Error(`${named} does not implement the scale subresource`, { cause: error });
    }
  }

  async #hasScale(root: string, resource: string): Promise<boolean> {
    const list = (await this.#read(root)) as { readonly resources?: readonly { name: string; kind: string }[] };
    return (list.resources ?? []).some(({ name, kind }) => name === `${resource}/scale` && kind === 'Scale');
  }

  #read(path: string): Promise<unknown> {
    return this.#client.raw({ method: 'GET', path, headers: { accept: 'application/json' } });
  }
}

function found(store: ObjectStore<Sized>, { name, uid }: OwnerReference, namespace: string): Scale | undefined {
  const object = store.get({ namespace, name });
  return object?.metadata.uid === uid ? { uid, replicas: object!.spec.replicas ?? 1 } : undefined;
}

function isKind({ apiVersion, kind }: OwnerReference, wanted: string, groups: readonly string[]): boolean {
  return kind === wanted && groups.includes(parseApiVersion(apiVersion)?.group ?? '');
}
