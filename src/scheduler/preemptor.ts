import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { EventRecorder, Logger } from 'nekube/controller';
import type { Candidate } from './decision/preemption.ts';
import { asPod, type Pod, POD, priorityOf } from './objects/pod.ts';
import type { Nominations } from './queue/nominations.ts';
import type { PodStatusWriter } from './status-writer.ts';

/** What preemption works with. */
export interface PreemptorParts {
  readonly client: Client;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly statuses: PodStatusWriter;
  readonly nominations: Nominations;
  /** Is told when all that can be done for a pod is done; if it failed, the pod must be tried again. */
  readonly onDone: (pod: Pod, hasFailed: boolean) => void;
}

/** Makes pods go, so that another has room. */
export class Preemptor {
  readonly #parts: PreemptorParts;
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: PreemptorParts) {
    this.#parts = parts;
  }

  /** Whether pods are being made to go for this one: it is no use to try it meanwhile. */
  isRunning(uid: string): boolean {
    return this.#running.has(uid);
  }

  /** Begins; nobody waits for the end. */
  preempt(pod: Pod, { node, victims }: Candidate): void {
    const left = victims.map((victim) => victim.pod).filter(({ metadata }) => !metadata.deletionTimestamp);
    if (left.length === 0) return;
    const uid = pod.metadata.uid!;
    const running = this.#makeGo(left, pod, node).then((hasFailed) => {
      this.#running.delete(uid);
      this.#parts.onDone(pod, hasFailed);
    });
    this.#running.set(uid, running);
  }

  /** Resolves when nothing is under way. */
  async flush(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** The last goes when all others are gone or going. @returns whether one of them stayed */
  async #makeGo(victims: readonly Pod[], pod: Pod, node: string): Promise<boolean> {
    this.#denominate(pod, node);
    const others = await Promise.all(victims.slice(0, -1).map((victim) => this.#evict(victim, pod, node)));
    if (others.includes(false)) return true;
    return !(await this.#evict(victims.at(-1)!, pod, node));
  }

  /** Room on the node is no more for those of lower priority. */
  #denominate(pod: Pod, node: string): void {
    for (const { pod: other, priority } of this.#parts.nominations.on(node)) {
      if (priority < priorityOf(pod)) void this.#parts.statuses.write(other, { nominated: '' });
    }
  }

  /** Whether it goes, or is gone. */
  async #evict(victim: Pod, pod: Pod, node: string): Promise<boolean> {
    const { client, statuses, events, logger } = this.#parts;
    const { namespace, name = '' } = victim.metadata;
    const message = `${pod.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message };
    try {
      await statuses.write(victim, { condition });
      await client.delete(POD, { namespace, name });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return true;
      logger.error(error, 'Cannot preempt a pod', { namespace, name });
      return false;
    }
    const note = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
    events.record(asPod(victim), { reason: 'Preempted', action: 'Preempting', note, related: asPod(pod) });
    return true;
  }
}
