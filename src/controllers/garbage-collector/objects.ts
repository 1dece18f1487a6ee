import { isDeepStrictEqual } from 'node:util';
import { isStatusError, type KubeObject, type OwnerReference } from 'nekube/apimachinery';
import type { Client, ObjectKey, Patch, ServedKind } from 'nekube/client';
import type { Identity, Node } from './node.ts';

const MOST_TRIES = 5;

/** An object that has no namespace names an owner of a kind that has: there can be no such owner. */
export class ImpossibleOwnerError extends Error {
  override readonly name = 'ImpossibleOwnerError';
}

/** What the collector reads and writes of objects, whatever their kind. */
export class Objects {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** How a kind is served. @throws NoMatchError */
  served({ apiVersion, kind }: Pick<Identity, 'apiVersion' | 'kind'>): Promise<ServedKind> {
    return this.#client.served({ apiVersion, kind });
  }

  /** The object that is there by this name, whatever its uid. @throws StatusError NotFound; ImpossibleOwnerError */
  async get(identity: Identity): Promise<KubeObject> {
    const [kind, key] = await this.#place(identity);
    return this.#client.get(kind, key, { metadataOnly: true });
  }

  /** Deletes it as its owners were when it was read, with a policy; changes of other fields do not matter. */
  async delete(
    identity: Identity,
    latest: KubeObject,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
  ): Promise<void> {
    const [kind, key] = await this.#place(identity);
    const { uid } = identity;
    const { resourceVersion, ownerReferences } = latest.metadata;
    try {
      await this.#client.delete(kind, key, { propagationPolicy, preconditions: { uid, resourceVersion } });
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) throw error;
      const { metadata } = await this.#client.get(kind, key, { metadataOnly: true });
      const isAsItWas = metadata.uid === uid && isDeepStrictEqual(metadata.ownerReferences, ownerReferences);
      if (!isAsItWas || metadata.resourceVersion === resourceVersion) throw error;
      await this.#client.delete(kind, key, { propagationPolicy, preconditions: { uid } });
    }
  }

  /** Takes owners away from an object. */
  async release({ identity }: Pick<Node, 'identity'>, uids: readonly string[]): Promise<void> {
    const references = uids.map((uid) => ({ $patch: 'delete', uid }));
    await this.#patchOwners(identity, references, (owners) => owners.filter(({ uid }) => !uids.includes(uid)));
  }

  /** Lets an object block none of its owners any more. */
  async unblock({ identity, owners }: Pick<Node, 'identity' | 'owners'>): Promise<void> {
    const unblocked = (owner: OwnerReference): OwnerReference => ({ ...owner, blockOwnerDeletion: false });
    const references = owners.filter(({ blockOwnerDeletion }) => blockOwnerDeletion === true).map(unblocked);
    await this.#patchOwners(identity, references, (all) => all.map(unblocked));
  }

  /** Takes a finalizer away, if the object is there, and not another of its name, and has it. */
  async removeFinalizer(identity: Identity, finalizer: string): Promise<void> {
    const [kind, key] = await this.#place(identity);
    for (let tries = 1; ; tries++) {
      try {
        const { metadata } = await this.get(identity);
        if (metadata.uid !== identity.uid || !metadata.finalizers?.includes(finalizer)) return;
        const left = metadata.finalizers.filter((one) => one !== finalizer);
        const { resourceVersion } = metadata;
        const merge = { metadata: { resourceVersion, finalizers: left.length > 0 ? left : null } };
        await this.#client.patch(kind, key, { merge } as unknown as Patch<KubeObject>);
        return;
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return;
        if (!isStatusError(error, 'Conflict') || tries >= MOST_TRIES) throw error;
      }
    }
  }

  /** By a strategic patch, which names the uid that is meant; of custom kinds, which have none, by a list as a whole. */
  async #patchOwners(
    identity: Identity,
    references: readonly object[],
    change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
  ): Promise<void> {
    const [kind, key] = await this.#place(identity);
    const patch = (body: object): Promise<KubeObject> =>
      this.#client.patch(kind, key, body as unknown as Patch<KubeObject>);
    try {
      await patch({ strategic: { metadata: { ownerReferences: references, uid: identity.uid } } });
    } catch (error) {
      if (!isStatusError(error) || error.status.code !== 415) throw error;
      const { metadata } = await this.get(identity);
      const left = change(metadata.ownerReferences ?? []);
      const { resourceVersion } = metadata;
      const ownerReferences = left.length > 0 ? left : null;
      await patch({ merge: { metadata: { resourceVersion, uid: identity.uid, ownerReferences } } });
    }
  }

  async #place(identity: Identity): Promise<readonly [ServedKind, ObjectKey]> {
    const kind = await this.served(identity);
    const { name, namespace } = identity;
    if (!kind.namespaced) return [kind, { name }];
    if (namespace === undefined)
      throw new ImpossibleOwnerError('cluster-scoped objects cannot refer to namespaced owners');
    return [kind, { name, namespace }];
  }
}
