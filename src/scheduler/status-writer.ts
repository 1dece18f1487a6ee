import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import type { PodCondition } from 'nekube/component-helpers';
import type { Logger } from 'nekube/controller';
import { type Pod, POD } from './objects/pod.ts';

/** What of a pod's status is written. */
export interface StatusChange {
  readonly condition?: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;
  /** Where room is made for the pod; empty: nowhere any more. */
  readonly nominated?: string;
}

/** Writes what the scheduler says of pods into their status, of one pod in order, and nothing that stands there already. */
export class PodStatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writing = new Map<string, Promise<void>>();

  constructor(parts: { readonly client: Client; readonly clock: Clock; readonly logger: Logger }) {
    this.#client = parts.client;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Resolves when it is written, or the pod is gone; other failures are logged. */
  write(pod: Pod, change: StatusChange): Promise<boolean> {
    const status = this.#changeOf(pod, change);
    if (status === undefined) return Promise.resolve(true);
    const uid = pod.metadata.uid!;
    const written = (this.#writing.get(uid) ?? Promise.resolve()).then(() => this.#patch(pod, status));
    const done = written.then(() => {
      if (this.#writing.get(uid) === done) this.#writing.delete(uid);
    });
    this.#writing.set(uid, done);
    return written;
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #patch({ metadata }: Pod, status: object): Promise<boolean> {
    const { namespace, name = '' } = metadata;
    try {
      await this.#client.patch(POD, { namespace, name }, { strategic: { status } as never }, { subresource: 'status' });
      return true;
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) this.#logger.error(error, 'Cannot write the status', { namespace, name });
      return false;
    }
  }

  /** Undefined: it is as it should be. */
  #changeOf({ metadata, status = {} }: Pod, { condition, nominated }: StatusChange): object | undefined {
    const isNominated = nominated === undefined || nominated === (status.nominatedNodeName ?? '');
    const conditions = condition === undefined ? undefined : this.#conditionOf(condition, { metadata, status });
    if (isNominated && conditions === undefined) return undefined;
    return {
      ...(conditions !== undefined && {
        '$setElementOrder/conditions': orderOf(status, conditions),
        conditions: [conditions],
      }),
      ...(!isNominated && { nominatedNodeName: nominated === '' ? null : nominated }),
    };
  }

  #conditionOf(
    wanted: NonNullable<StatusChange['condition']>,
    { metadata, status }: Required<Pick<Pod, 'metadata' | 'status'>>,
  ): PodCondition | undefined {
    const before = status.conditions?.find(({ type }) => type === wanted.type);
    const observedGeneration = metadata.generation as number | undefined;
    const isSame =
      before !== undefined &&
      before.status === wanted.status &&
      before.reason === wanted.reason &&
      before.message === wanted.message &&
      before.observedGeneration === observedGeneration;
    if (isSame) return undefined;
    const hasTurned = before?.status !== wanted.status;
    return {
      ...wanted,
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(before === undefined && { lastProbeTime: null }),
      ...(hasTurned && { lastTransitionTime: formatTime(new Date(this.#clock.now())) }),
    };
  }
}

/** Conditions stay where they are; a new one comes last. */
function orderOf({ conditions = [] }: NonNullable<Pod['status']>, { type }: PodCondition): object[] {
  const types = conditions.map((one) => one.type);
  return (types.includes(type) ? types : [...types, type]).map((one) => ({ type: one }));
}
