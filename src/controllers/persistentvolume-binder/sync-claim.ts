import { namespacedName } from 'nekube/apimachinery';
import type { ObjectStore } from 'nekube/client';
import { classNameOf, isVolumeFor } from 'nekube/component-helpers';
import type { Pod } from '../pods/pod.ts';
import {
  ANNOTATIONS,
  annotationOf,
  type Claim,
  defaultClass,
  hasClass,
  type StorageClass,
  type Volume,
} from '../volumes/volume.ts';
import { annotated } from './bound.ts';
import { bestMatch, whyUnsuitable } from './match.ts';
import type { BinderObjects } from './objects.ts';
import { driverOf, provisionerOf } from './plugins.ts';

/** What claims are seen to with. */
export interface ClaimSyncParts {
  readonly objects: BinderObjects;
  readonly classes: ObjectStore<StorageClass>;
  /** The pods that use a claim. */
  readonly podsOf: (claim: Claim) => readonly Pod[];
}

const LOST = 'Data on the volume is lost!';

/** Sees to claims: finds them a volume, has one made, or tells why there is none. */
export class ClaimSync {
  readonly #parts: ClaimSyncParts;

  constructor(parts: ClaimSyncParts) {
    this.#parts = parts;
  }

  async sync(claim: Claim): Promise<void> {
    const migrated = await this.#migrate(claim);
    if (annotationOf(migrated, ANNOTATIONS.bindCompleted) !== undefined) return this.#syncBound(migrated);
    return migrated.spec.volumeName ? this.#syncNamed(migrated) : this.#syncFree(migrated);
  }

  /** Says which driver does the work of the in-tree provisioner that a claim waits for. */
  async #migrate(claim: Claim): Promise<Claim> {
    const by = annotationOf(claim, ANNOTATIONS.provisioner) ?? annotationOf(claim, ANNOTATIONS.betaProvisioner);
    const driver = by && driverOf(by);
    if (!driver || annotationOf(claim, ANNOTATIONS.migratedTo) === driver) return claim;
    return this.#parts.objects.updateClaim(annotated(claim, ANNOTATIONS.migratedTo, driver));
  }

  /** It was bound once: it is still, or it has lost what was on its volume. */
  async #syncBound(claim: Claim): Promise<void> {
    const { objects } = this.#parts;
    const lose = (reason: string, message: string): Promise<void> =>
      objects.setClaimPhase(claim, 'Lost', undefined, { reason, message });
    if (!claim.spec.volumeName) return lose('ClaimLost', `Bound claim has lost reference to PersistentVolume. ${LOST}`);
    const volume = objects.volumes.get({ name: claim.spec.volumeName });
    if (volume === undefined) return lose('ClaimLost', `Bound claim has lost its PersistentVolume. ${LOST}`);
    const { claimRef } = volume.spec;
    if (!claimRef || claimRef.uid === claim.metadata.uid) return objects.bind(volume, claim);
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
    return lose('ClaimMisbound', message);
  }

  /** It asks for one volume by its name. */
  async #syncNamed(claim: Claim): Promise<void> {
    const { objects } = this.#parts;
    const volume = objects.volumes.get({ name: claim.spec.volumeName! });
    if (volume === undefined) return objects.setClaimPhase(claim, 'Pending');
    const name = JSON.stringify(volume.metadata.name);
    if (!volume.spec.claimRef) {
      const problem = whyUnsuitable(volume, claim);
      if (problem === undefined) return objects.bind(volume, claim);
      const message = `Cannot bind to requested volume ${name}: ${problem}`;
      objects.events.record(claim, 'Warning', 'VolumeMismatch', message);
      return objects.setClaimPhase(claim, 'Pending');
    }
    if (isVolumeFor(volume, claim)) return objects.bind(volume, claim);
    const message = `volume ${name} already bound to a different claim.`;
    objects.events.record(claim, 'Warning', 'FailedBinding', message);
    if (annotationOf(claim, ANNOTATIONS.boundByController) === undefined)
      return objects.setClaimPhase(claim, 'Pending');
    const claims = `${namespacedName(claim.metadata)}" to volume ${name}: volume already claimed by "`;
    throw new Error(
      `invalid binding of claim "${claims}${namespacedName(volume.spec.claimRef as Volume['metadata'])}"`,
    );
  }

  /** Any volume will do. */
  async #syncFree(claim: Claim): Promise<void> {
    const { objects } = this.#parts;
    const isDelayed = this.#classOf(claim)?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = bestMatch(claim, objects.volumes.list(), isDelayed);
    if (volume !== undefined) return objects.bind(volume, claim);
    if (await this.#assignDefaultClass(claim)) return undefined;
    if (isDelayed && annotationOf(claim, ANNOTATIONS.selectedNode) === undefined) {
      this.#tellWhoIsAwaited(claim);
    } else if (classNameOf(claim) !== '') {
      return this.#provision(claim);
    } else {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      objects.events.record(claim, 'Normal', 'FailedBinding', message);
    }
    return objects.setClaimPhase(claim, 'Pending');
  }

  #classOf(claim: Claim): StorageClass | undefined {
    const name = classNameOf(claim);
    return name === '' ? undefined : this.#parts.classes.get({ name });
  }

  async #assignDefaultClass(claim: Claim): Promise<boolean> {
    if (hasClass(claim)) return false;
    const found = defaultClass(this.#parts.classes.list());
    if (found === undefined) return false;
    await this.#parts.objects.updateClaim({ ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } });
    return true;
  }

  #tellWhoIsAwaited(claim: Claim): void {
    const { objects, podsOf } = this.#parts;
    const waiting = podsOf(claim).filter(({ spec, status }) => !spec.nodeName && !isEnded(status?.phase));
    const names = waiting.map(({ metadata }) => metadata.name!).sort();
    if (names.length === 0) {
      const message = 'waiting for first consumer to be created before binding';
      return objects.events.record(claim, 'Normal', 'WaitForFirstConsumer', message);
    }
    const who = names.length > 1 ? `pods ${names.join(',')}` : `pod ${names[0]}`;
    return objects.events.record(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${who} to be scheduled`);
  }

  /** Has a volume made by whom the class names. */
  async #provision(claim: Claim): Promise<void> {
    const { objects } = this.#parts;
    const fail = (message: string): void => objects.events.record(claim, 'Warning', 'ProvisioningFailed', message);
    const found = this.#classOf(claim);
    if (found === undefined) return fail(`storageclass.storage.k8s.io "${classNameOf(claim)}" not found`);
    const provisioner = provisionerOf(found);
    if (provisioner.problem !== undefined) {
      if (provisioner.isTold) await this.#tellProvisioner(claim, found.provisioner);
      return fail(provisioner.problem);
    }
    const told = await this.#tellProvisioner(claim, provisioner.by);
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner.by}' ` +
      'or manually by the system administrator. If volume creation is delayed, please verify that ' +
      'the provisioner is running and correctly registered.';
    objects.events.record(told, 'Normal', 'ExternalProvisioning', message);
  }

  async #tellProvisioner(claim: Claim, provisioner: string): Promise<Claim> {
    if (annotationOf(claim, ANNOTATIONS.provisioner) === provisioner) return claim;
    const beta = annotated(claim, ANNOTATIONS.betaProvisioner, provisioner);
    return this.#parts.objects.updateClaim(annotated(beta, ANNOTATIONS.provisioner, provisioner));
  }
}

function isEnded(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
