import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Client, Clock, ObjectStore } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { type Node, NODE } from '../nodes/node.ts';
import { POD, type Pod } from '../pods/pod.ts';
import type { ControllerSettings } from '../settings.ts';
import { failedStatus, onNodesOutOfService, tooManyTerminated, unscheduledTerminating } from './garbage.ts';
import { Quarantine } from './quarantine.ts';

/** What the collector works with. */
export interface PodCollectorParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: ControllerSettings;
  readonly pods: ObjectStore<Pod>;
  readonly nodes: ObjectStore<Node>;
}

/** Why pods without a node end. */
const NODE_GONE = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

/** Finds the pods that nobody else will delete, and deletes them without grace. */
export class PodCollector {
  readonly #parts: PodCollectorParts;
  readonly #quarantine: Quarantine;

  constructor(parts: PodCollectorParts) {
    this.#parts = parts;
    this.#quarantine = new Quarantine(parts.settings.podGcQuarantineMs);
  }

  /** Does it once, with what the caches have at the start. A pod that cannot be deleted is told, and tried the next time. */
  async collect(): Promise<void> {
    const { settings, nodes } = this.#parts;
    const pods = this.#parts.pods.list();
    await this.#deleteAll(tooManyTerminated(pods, settings.terminatedPodGcThreshold));
    await this.#deleteAll(onNodesOutOfService(pods, (name) => nodes.get({ name })));
    await this.#deleteAll(await this.#orphaned(pods), NODE_GONE);
    await this.#deleteAll(unscheduledTerminating(pods));
  }

  /** The pods of nodes that have been missing for as long as the quarantine is, and that the server does not have, too. */
  async #orphaned(pods: readonly Pod[]): Promise<readonly Pod[]> {
    const { nodes, clock } = this.#parts;
    const isMissing = (name: string): boolean => nodes.get({ name }) === undefined;
    const used = new Set(pods.flatMap(({ spec }) => spec.nodeName || []));
    const over = this.#quarantine.pass([...used].filter(isMissing), clock.now()).filter(isMissing);
    const gone = new Set<string>();
    for (const name of over) if (await this.#isGone(name)) gone.add(name);
    return pods.filter(({ spec }) => gone.has(spec.nodeName ?? ''));
  }

  async #isGone(name: string): Promise<boolean> {
    try {
      await this.#parts.client.get(NODE, { name });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return true;
      this.#parts.log.error(error, 'Cannot see whether a node is there', { name });
    }
    return false;
  }

  async #deleteAll(pods: readonly Pod[], reason?: typeof NODE_GONE): Promise<void> {
    await Promise.all(
      pods.map(async (pod) => {
        const { namespace, name = '' } = pod.metadata;
        try {
          await this.#delete(pod, reason);
        } catch (error) {
          if (!isStatusError(error, 'NotFound'))
            this.#parts.log.error(error, 'Cannot delete a pod', { namespace, name });
        }
      }),
    );
  }

  /** Marks it as failed first: there is no kubelet that would. */
  async #delete(pod: Pod, reason?: typeof NODE_GONE): Promise<void> {
    const { client, clock } = this.#parts;
    const { namespace, name = '', uid, generation } = pod.metadata;
    const known = pod.status?.conditions?.find(({ type, status: is }) => type === NODE_GONE.type && is === 'True');
    const lastTransitionTime = known?.lastTransitionTime ?? formatTime(new Date(clock.now()));
    const condition = reason && { ...reason, observedGeneration: generation, lastProbeTime: null, lastTransitionTime };
    const status = failedStatus(pod, condition);
    if (status !== undefined) {
      const patch = { metadata: { uid }, status };
      await client.patch(POD, { namespace, name }, { strategic: patch as never }, { subresource: 'status' });
    }
    await client.delete(POD, { namespace, name }, { gracePeriodSeconds: 0 });
  }
}
