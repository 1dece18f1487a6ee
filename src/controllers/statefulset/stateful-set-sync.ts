import { isPodAvailable, type Pod } from '../pods/pod.ts';
import { slowStart } from '../workload/slow-start.ts';
import { hasIdentity, hasStorage, revisionOf } from './stateful-pod.ts';
import type { StatefulPodControl } from './stateful-pod-control.ts';
import { identityOf, replicasOf, startOf, isInRange, type StatefulSet } from './stateful-set.ts';
import { isCreated, isOver, isRunningAndReady, isTerminating } from './status.ts';

/** The pods of a set. */
export interface PlannedPods {
  /** Those that there shall be, by number; those without a phase are to be made. */
  readonly replicas: readonly Pod[];
  /** Those that are too many, the highest number first. */
  readonly condemned: readonly Pod[];
}

/** Sorts the pods of a set; what is missing is planned by `make`. */
export function planPods(set: StatefulSet, pods: readonly Pod[], make: (ordinal: number) => Pod): PlannedPods {
  const byOrdinal = new Map(pods.filter((pod) => isInRange(set, pod)).map((pod) => [identityOf(pod).ordinal, pod]));
  const ordinals = Array.from({ length: replicasOf(set) }, (_, index) => startOf(set) + index);
  const tooMany = pods.filter((pod) => !isInRange(set, pod) && identityOf(pod).ordinal >= 0);
  return {
    replicas: ordinals.map((ordinal) => byOrdinal.get(ordinal) ?? make(ordinal)),
    condemned: tooMany.sort((a, b) => identityOf(b).ordinal - identityOf(a).ordinal),
  };
}

/** Brings the pods of a set on: makes, deletes and updates them, one after the other or all at once. */
export class StatefulSetSync {
  readonly #set: StatefulSet;
  readonly #control: StatefulPodControl;
  readonly #now: number;
  readonly #isOrdered: boolean;

  constructor(set: StatefulSet, control: StatefulPodControl, now: number) {
    this.#set = set;
    this.#control = control;
    this.#now = now;
    this.#isOrdered = set.spec.podManagementPolicy !== 'Parallel';
  }

  /**
   * Does what can be done now.
   *
   * @param update The name of the revision that pods shall come to be of
   * @returns How many pods of the current revision were deleted for their update
   */
  async run({ replicas, condemned }: PlannedPods, update: string): Promise<number> {
    const unhealthy = [...replicas, ...[...condemned].reverse()].find((pod) => this.#isUnavailable(pod));
    const isDone =
      (await this.#forAll(replicas, (pod) => this.#settle(pod))) &&
      (await this.#forAll(condemned, (pod) => this.#keepOwners(pod))) &&
      (await this.#forAll(condemned, (pod) => this.#condemn(pod, unhealthy)));
    const { type } = this.#set.spec.updateStrategy ?? {};
    return isDone && type !== 'OnDelete' ? this.#update(replicas, update) : 0;
  }

  /** Whether all of them let the next step begin; in order, the first that does not ends it. */
  async #forAll(pods: readonly Pod[], step: (pod: Pod) => Promise<boolean>): Promise<boolean> {
    if (this.#isOrdered) {
      for (const pod of pods) if (!(await step(pod))) return false;
      return true;
    }
    let index = 0;
    const { error } = await slowStart(pods.length, async () => void (await step(pods[index++]!)));
    if (error !== undefined) throw error;
    return true;
  }

  /** Makes a pod be there, as it shall be; whether the next one may be looked at. */
  async #settle(pod: Pod): Promise<boolean> {
    const set = this.#set;
    if (isOver(pod)) {
      if (!isTerminating(pod)) await this.#control.delete(set, pod);
      return false;
    }
    if (!isCreated(pod)) {
      if (this.#control.hasStaleClaims(set, pod)) return false;
      await this.#control.create(set, pod);
      if (this.#isOrdered) return false;
    }
    if (pod.status?.phase === 'Pending') await this.#control.restoreClaims(set, pod);
    if (this.#isOrdered && this.#isUnavailable(pod, isRunningAndReady)) return false;
    if (isCreated(pod) && !(hasIdentity(set, pod) && hasStorage(set, pod) && this.#control.hasOwners(set, pod))) {
      await this.#control.update(set, pod);
    }
    return true;
  }

  async #keepOwners(pod: Pod): Promise<boolean> {
    await this.#control.restoreOwners(this.#set, pod);
    return true;
  }

  /** Lets a pod go that is too many: when those after it are gone and, but for the one that is broken, when it is well. */
  async #condemn(pod: Pod, unhealthy: Pod | undefined): Promise<boolean> {
    if (isTerminating(pod)) return !this.#isOrdered;
    const isWell = isRunningAndReady(pod) && !this.#isUnavailable(pod);
    if (this.#isOrdered && !isWell && pod !== unhealthy) return false;
    await this.#control.delete(this.#set, pod);
    return false;
  }

  /** The pod with the highest number that is not of the update goes, when all above it are well. */
  async #update(replicas: readonly Pod[], update: string): Promise<number> {
    const partition = this.#set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    for (const pod of replicas.slice(Math.min(partition, replicas.length)).reverse()) {
      if (revisionOf(pod) !== update && !isTerminating(pod)) {
        await this.#control.delete(this.#set, pod);
        return 1;
      }
      if (this.#isUnavailable(pod)) return 0;
    }
    return 0;
  }

  #isUnavailable(pod: Pod, isAlso: (pod: Pod) => boolean = () => true): boolean {
    const { minReadySeconds = 0 } = this.#set.spec;
    return isTerminating(pod) || !isAlso(pod) || !isPodAvailable(pod, minReadySeconds, this.#now);
  }
}
