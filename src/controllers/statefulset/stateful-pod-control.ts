import { isStatusError } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import type { CoreEventRecorder } from 'nekube/controller';
import { POD, type Pod } from '../pods/pod.ts';
import { messageOf } from '../pods/pod-control.ts';
import { claimOwners, hasOtherController, isStale, mayBeStale } from './claim-owners.ts';
import { claimsOf, hasIdentity, hasStorage, withIdentity, withStorage } from './stateful-pod.ts';
import { type Claim, CLAIM, type StatefulSet } from './stateful-set.ts';

/** What it works with. */
export interface PodControlParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly claims: ObjectStore<Claim>;
}

/** Makes, changes and deletes the pods of StatefulSets with their claims, and tells of it. */
export class StatefulPodControl {
  readonly #client: Client;
  readonly #events: CoreEventRecorder;
  readonly #claims: ObjectStore<Claim>;
  /** Claims as they were written, until the cache shows that; by uid, with the version that was written upon. */
  readonly #written = new Map<string, { readonly base: string; readonly claim: Claim }>();

  constructor({ client, events, claims }: PodControlParts) {
    this.#client = client;
    this.#events = events;
    this.#claims = claims;
  }

  /** Makes the claims first. @throws what stands in the way; that the pod is there already is told by no event */
  async create(set: StatefulSet, pod: Pod): Promise<void> {
    await this.#told('create', set, pod, () => this.#createClaims(set, pod), false);
    let failure: unknown;
    try {
      await this.#client.create<Pod>({ ...POD, ...pod });
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) throw error;
      failure = error;
    }
    await this.#told('update', set, pod, () => this.#updateOwners(set, pod), false);
    this.#tell('create', set, pod, failure);
    if (failure !== undefined) throw failure;
  }

  /** A pod that is not what it shall be becomes so. */
  async update(set: StatefulSet, pod: Pod): Promise<void> {
    const isRight = hasIdentity(set, pod) && hasStorage(set, pod) && this.hasOwners(set, pod);
    if (isRight) return;
    const named = hasIdentity(set, pod) ? pod : withIdentity(set, pod);
    if (!hasStorage(set, named)) await this.#told('update', set, pod, () => this.#createClaims(set, pod), false);
    const next = hasStorage(set, named) ? named : withStorage(set, named);
    await this.#told('update', set, pod, () => this.#updateOwners(set, pod), false);
    await this.#told('update', set, pod, () => this.#client.update<Pod>({ ...POD, ...next }), true);
  }

  /** A pod that is gone already is as good as deleted. */
  async delete(set: StatefulSet, pod: Pod): Promise<void> {
    const { namespace, name = '' } = pod.metadata;
    const gone = async (): Promise<void> => {
      try {
        await this.#client.delete(POD, { namespace, name });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    };
    await this.#told('delete', set, pod, gone, true);
  }

  /** Makes claims that are gone, and gives all of them their owners. */
  async restoreClaims(set: StatefulSet, pod: Pod): Promise<void> {
    await this.#createClaims(set, pod);
    await this.#told('update', set, pod, () => this.#updateOwners(set, pod), false);
  }

  /** Whether the claims of a pod have the owners that the policy gives them. */
  hasOwners(set: StatefulSet, pod: Pod): boolean {
    return this.#known(set, pod).every((claim) => claimOwners(claim, { set, pod }) === undefined);
  }

  /** Gives the claims of a pod that is one too many the owners that the policy gives them. */
  async restoreOwners(set: StatefulSet, pod: Pod): Promise<void> {
    if (!this.hasOwners(set, pod)) await this.#updateOwners(set, pod);
  }

  /** Whether claims of a pod are to go with the one that was there before. */
  hasStaleClaims(set: StatefulSet, pod: Pod): boolean {
    return mayBeStale(set) && this.#known(set, pod).some((claim) => isStale(claim, pod));
  }

  #known(set: StatefulSet, pod: Pod): readonly Claim[] {
    return claimsOf(set, pod).flatMap(({ metadata }) => this.#claim(metadata) ?? []);
  }

  #claim({ namespace, name = '' }: Claim['metadata']): Claim | undefined {
    const cached = this.#claims.get({ namespace, name });
    const written = this.#written.get(cached?.metadata.uid ?? '');
    if (written === undefined || cached === undefined) return cached;
    if (written.base === cached.metadata.resourceVersion) return written.claim;
    this.#written.delete(cached.metadata.uid!);
    return cached;
  }

  #cachedVersion({ metadata: { namespace, name = '' } }: Claim): string {
    return this.#claims.get({ namespace, name })?.metadata.resourceVersion ?? '';
  }

  async #createClaims(set: StatefulSet, pod: Pod): Promise<void> {
    const failures: string[] = [];
    for (const claim of claimsOf(set, pod)) {
      const found = this.#claim(claim.metadata);
      const { name } = claim.metadata;
      if (found?.metadata.deletionTimestamp) failures.push(`pvc ${name} is being deleted`);
      if (found !== undefined) continue;
      const failure = await this.#createClaim(set, pod, claim);
      if (failure !== undefined) failures.push(`failed to create PVC ${name}: ${messageOf(failure)}`);
    }
    if (failures.length > 0) throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`);
  }

  /** Why it could not be made; one that the cache does not show yet is there. */
  async #createClaim(set: StatefulSet, pod: Pod, claim: Claim): Promise<unknown> {
    const what = `Claim ${claim.metadata.name}`;
    const where = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await this.#client.create<Claim>({ ...CLAIM, ...claim });
      this.#events.record(set, 'Normal', 'SuccessfulCreate', `Create ${what} ${where} success`);
      return undefined;
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return undefined;
      const message = `Create ${what} for ${where} failed error: ${messageOf(error)}`;
      this.#events.record(set, 'Warning', 'FailedCreate', message);
      return error;
    }
  }

  async #updateOwners(set: StatefulSet, pod: Pod): Promise<void> {
    for (const claim of this.#known(set, pod)) {
      const { name } = claim.metadata;
      if (hasOtherController(claim, { set, pod })) {
        const what = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller`;
        const message = `${what}, the retention policy is ignored for this claim`;
        this.#events.record(set, 'Warning', 'ConflictingController', message);
      }
      try {
        await this.#updateOwnersOf(claim, set, pod);
      } catch (error) {
        const why = `could not update claim ${name} for delete policy ownerRefs: ${messageOf(error)}`;
        throw new Error(why, { cause: error });
      }
    }
  }

  /** The binder writes new claims at the same time, which is nothing to complain of. */
  async #updateOwnersOf(claim: Claim, set: StatefulSet, pod: Pod, isFresh = false): Promise<void> {
    const ownerReferences = claimOwners(claim, { set, pod });
    if (ownerReferences === undefined) return;
    const { namespace, name = '', uid } = claim.metadata;
    try {
      const next = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
      const written = await this.#client.update<Claim>({ ...CLAIM, ...next });
      this.#written.set(uid!, { base: this.#cachedVersion(claim), claim: written });
    } catch (error) {
      if (isFresh || !isStatusError(error, 'Conflict')) throw error;
      const fresh = await this.#client.get<Claim>(CLAIM, { namespace, name });
      if (fresh.metadata.uid !== uid) throw error;
      await this.#updateOwnersOf(fresh, set, pod, true);
    }
  }

  /** Does something, and tells that it failed, or also that it was done. */
  async #told(
    verb: string,
    set: StatefulSet,
    pod: Pod,
    act: () => Promise<unknown>,
    tellsSuccess: boolean,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#tell(verb, set, pod, error);
      throw error;
    }
    if (tellsSuccess) this.#tell(verb, set, pod);
  }

  #tell(verb: string, set: StatefulSet, { metadata }: Pod, error?: unknown): void {
    const title = verb[0]!.toUpperCase() + verb.slice(1);
    const what = `${title} Pod ${metadata.name} in StatefulSet ${set.metadata.name}`;
    if (error === undefined) this.#events.record(set, 'Normal', `Successful${title}`, `${what} successful`);
    else this.#events.record(set, 'Warning', `Failed${title}`, `${what} failed error: ${messageOf(error)}`);
  }
}
