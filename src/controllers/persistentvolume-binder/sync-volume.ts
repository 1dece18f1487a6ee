import { isStatusError } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import { differInMode } from 'nekube/component-helpers';
import { ANNOTATIONS, annotationOf, type Claim, CLAIM, type Volume, VOLUME } from '../volumes/volume.ts';
import type { BinderObjects } from './objects.ts';
import { deletionOf, isRecyclable } from './plugins.ts';

/** What volumes are seen to with. */
export interface VolumeSyncParts {
  readonly objects: BinderObjects;
  /** Has a claim seen to. */
  readonly requestClaim: (key: ObjectKey) => void;
}

const UNKNOWN_POLICY = {
  reason: 'VolumeUnknownReclaimPolicy',
  message: 'Volume has unrecognized PersistentVolumeReclaimPolicy',
};

/** Sees to volumes: says what they are, and does with those whose claim is gone what they say. */
export class VolumeSync {
  readonly #parts: VolumeSyncParts;

  constructor(parts: VolumeSyncParts) {
    this.#parts = parts;
  }

  async sync(volume: Volume): Promise<void> {
    const { objects } = this.#parts;
    // one that is promised to a claim which is not bound yet is free for that one
    if (!volume.spec.claimRef?.uid) {
      await objects.setVolumePhase(volume, 'Available');
      return;
    }
    const claim = await this.#claimOf(volume);
    if (claim === undefined) return this.#release(volume);
    if (!claim.spec.volumeName) return this.#awaitClaim(volume, claim);
    if (claim.spec.volumeName === volume.metadata.name) {
      await objects.setVolumePhase(volume, 'Bound');
      return;
    }
    await this.#giveUp(volume);
  }

  /** The very claim that it is bound to. What the cache does not have is asked for: it may be behind. */
  async #claimOf(volume: Volume): Promise<Claim | undefined> {
    const { namespace, name = '', uid } = volume.spec.claimRef!;
    const { claims, client } = this.#parts.objects;
    const known = claims.get({ namespace, name });
    if (known?.metadata.uid === uid) return known;
    if (known === undefined && isReleased(volume)) return undefined;
    const live = await client.get(CLAIM, { namespace, name }).catch((error: unknown) => {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    });
    return live?.metadata.uid === uid ? live : undefined;
  }

  /** The claim is gone. A volume that failed stays so, but is tried again. */
  async #release(volume: Volume): Promise<void> {
    const { objects } = this.#parts;
    await this.#reclaim(isReleased(volume) ? volume : await objects.setVolumePhase(volume, 'Released'));
  }

  /** The claim has not said yes; it is asked to. */
  async #awaitClaim(volume: Volume, claim: Claim): Promise<void> {
    const { objects, requestClaim } = this.#parts;
    const { namespace, name = '' } = claim.metadata;
    if (!differInMode(volume, claim)) return requestClaim({ namespace, name });
    const tell = (about: Volume | Claim, message: string): void =>
      objects.events.record(about, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume ${message}`);
    const why = 'due to incompatible volumeMode.';
    tell(volume, `to requested PersistentVolumeClaim ${JSON.stringify(name)} ${why}`);
    tell(claim, `${JSON.stringify(volume.metadata.name)} to requested PersistentVolumeClaim ${why}`);
  }

  /** The claim has another volume. One that was made for it is of no use to anybody. */
  async #giveUp(volume: Volume): Promise<void> {
    const isMade = annotationOf(volume, ANNOTATIONS.provisionedBy) !== undefined;
    if (isMade && volume.spec.persistentVolumeReclaimPolicy === 'Delete') return this.#release(volume);
    return this.#parts.objects.unbind(volume);
  }

  async #reclaim(volume: Volume): Promise<void> {
    if (annotationOf(volume, ANNOTATIONS.migratedTo)) return;
    const { objects } = this.#parts;
    const policy = volume.spec.persistentVolumeReclaimPolicy;
    if (policy === 'Retain') return;
    if (policy === 'Delete') return this.#delete(volume);
    if (policy !== 'Recycle') {
      await objects.setVolumePhase(volume, 'Failed', UNKNOWN_POLICY);
      return;
    }
    const message = 'No recycler plugin found for the volume!';
    if (!isRecyclable(volume))
      await objects.setVolumePhase(volume, 'Failed', { reason: 'VolumeFailedRecycle', message });
  }

  async #delete(volume: Volume): Promise<void> {
    const { client } = this.#parts.objects;
    const deletion = deletionOf(volume);
    if (deletion === 'elsewhere') return;
    if (deletion !== 'here') {
      const event = { reason: 'VolumeFailedDelete', message: deletion.problem };
      await this.#parts.objects.setVolumePhase(volume, 'Failed', event);
      return;
    }
    await client.delete(VOLUME, { name: volume.metadata.name! }).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
}

function isReleased({ status }: Volume): boolean {
  return status?.phase === 'Released' || status?.phase === 'Failed';
}
