import type { Client, Clock } from 'nekube/client';
import { bindVolume, type PersistentVolume, type PersistentVolumeClaim, isOnNode } from 'nekube/component-helpers';
import type { Volumes } from './cluster/volumes.ts';
import type { Pod } from './objects/pod.ts';
import { CLAIM, isBound, PERSISTENT_VOLUME, SELECTED_NODE } from './objects/storage.ts';
import { type VolumePlan } from './plugins/find-volumes.ts';
import type { Node } from './objects/node.ts';

/** So long others may take to bind or make a volume. */
const MOST_WAIT_MS = 600_000;

/** What volumes are bound with. */
export interface VolumeBinderParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly volumes: Volumes;
  readonly node: (name: string) => Node | undefined;
  /** Whether a pod is still there. */
  readonly isThere: (pod: Pod) => boolean;
}

/** Has volumes bound to the claims of a pod, or made for them, before the pod is bound to its node. */
export class VolumeBinder {
  readonly #parts: VolumeBinderParts;
  readonly #waiting = new Set<() => void>();

  constructor(parts: VolumeBinderParts) {
    this.#parts = parts;
  }

  /** Something changed that those may wait for who wait. */
  readonly wake = (): void => {
    for (const check of this.#waiting) check();
  };

  /** Takes volumes and claims for what they are going to be. */
  assume({ bindings, provisions }: VolumePlan, node: string): VolumePlan {
    const planned = {
      bindings: bindings.map(({ volume, claim }) => ({ volume: bindVolume(volume, claim) ?? volume, claim })),
      provisions: provisions.map((claim) => claimOn(claim, node)),
    };
    for (const { volume } of planned.bindings) this.#parts.volumes.assume(volume);
    for (const claim of planned.provisions) this.#parts.volumes.assume(claim);
    return planned;
  }

  /** Takes back what was assumed and is not written. */
  forget({ bindings, provisions }: VolumePlan): void {
    for (const { volume } of bindings) this.#parts.volumes.forget(volume);
    for (const claim of provisions) this.#parts.volumes.forget(claim);
  }

  /** Writes what was planned, and waits until all claims are bound. @throws Error if that cannot be, or takes too long */
  async bind(
    pod: Pod,
    plan: VolumePlan,
    { node, signal }: { readonly node: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const { client } = this.#parts;
    for (const { volume } of plan.bindings) await client.update<PersistentVolume>({ ...PERSISTENT_VOLUME, ...volume });
    for (const claim of plan.provisions) await client.update<PersistentVolumeClaim>({ ...CLAIM, ...claim });
    const claims = [...plan.bindings.map(({ claim }) => claim), ...plan.provisions];
    await this.#until(() => this.#areBound(pod, claims, node), signal);
  }

  #until(isDone: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#waiting.delete(check);
        cancel();
        signal.removeEventListener('abort', abort);
        settle();
      };
      const check = (): void => {
        try {
          if (isDone()) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      };
      const abort = (): void => end(() => reject(signal.reason));
      const late = (): void => end(() => reject(new Error('binding volumes: context deadline exceeded')));
      const cancel = this.#parts.clock.after(MOST_WAIT_MS, late);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(check);
      if (signal.aborted) abort();
      else check();
    });
  }

  #areBound(pod: Pod, claims: readonly PersistentVolumeClaim[], node: string): boolean {
    const { volumes, isThere } = this.#parts;
    const { namespace = '', name } = pod.metadata;
    if (!isThere(pod)) throw new Error(`binding volumes: pod does not exist any more: pod "${name}" not found`);
    return claims.every(({ metadata }) => {
      const claim = volumes.claim(namespace, metadata.name!);
      if (claim === undefined)
        throw new Error(`binding volumes: could not find the claim ${namespace}/${metadata.name}`);
      const selected = claim.metadata.annotations?.[SELECTED_NODE];
      if (metadata.annotations?.[SELECTED_NODE] === node && selected !== node) {
        throw new Error(`binding volumes: provisioning failed for PVC "${metadata.name}"`);
      }
      return isBound(claim) && this.#isUsable(claim, node);
    });
  }

  #isUsable({ spec }: PersistentVolumeClaim, name: string): boolean {
    const volume = this.#parts.volumes.volume(spec.volumeName!);
    const node = this.#parts.node(name);
    if (volume === undefined || node === undefined || isOnNode(volume, node)) return volume !== undefined;
    throw new Error(`binding volumes: pv "${spec.volumeName}" node affinity doesn't match node "${name}"`);
  }
}

function claimOn(claim: PersistentVolumeClaim, node: string): PersistentVolumeClaim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}
