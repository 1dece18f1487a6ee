import { formatTime, isStatusError, namespacedName } from 'nekube/apimachinery';
import { type Client, type Clock, type ObjectKey, sleep } from 'nekube/client';
import type { CoreEventRecorder, Logger } from 'nekube/controller';
import { POD } from '../pods/pod.ts';
import type { Plan } from './decide.ts';

/** What evictions are made with. */
export interface EvictionsParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
  readonly log: Logger;
}

const TRIES = 5;
const RETRY_MS = 10;
const CONDITION = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

/** The pods that have to leave, each at its time. */
export class Evictions {
  readonly #parts: EvictionsParts;
  /** `cancel` is undefined for one that does not wait. */
  readonly #planned = new Map<string, { readonly plan: Plan; readonly cancel: (() => void) | undefined }>();

  constructor(parts: EvictionsParts) {
    this.#parts = parts;
  }

  /** What is planned for a pod; undefined also for one that leaves right now. */
  planOf(key: ObjectKey): Plan | undefined {
    const found = this.#planned.get(namespacedName(key));
    return found?.cancel && found.plan;
  }

  /** Plans it, unless it is planned already. */
  plan(key: ObjectKey, plan: Plan): void {
    const text = namespacedName(key);
    if (this.#planned.has(text)) return;
    const run = (): void => {
      const entry = this.#planned.get(text);
      const done = (): void => {
        if (this.#planned.get(text) === entry) this.#planned.delete(text);
      };
      void this.#evict(key).finally(done);
    };
    const waitMs = plan.dueAt - plan.decidedAt;
    const cancel = waitMs <= 0 ? undefined : this.#parts.clock.after(waitMs, run);
    this.#planned.set(text, { plan, cancel });
    if (cancel === undefined) run();
  }

  /** Forgets the plan, and tells so if it was one for later; as the real one, also if its time has just come. */
  cancel(key: ObjectKey): void {
    const text = namespacedName(key);
    const found = this.#planned.get(text);
    if (found === undefined) return;
    this.#planned.delete(text);
    if (found.cancel === undefined) return;
    found.cancel();
    this.#tell(key, 'Cancelling deletion of Pod');
  }

  /** Forgets all plans. */
  end(): void {
    for (const { cancel } of this.#planned.values()) cancel?.();
    this.#planned.clear();
  }

  #tell(key: ObjectKey, what: string): void {
    const about = { ...POD, metadata: { namespace: key.namespace, name: key.name } };
    this.#parts.events.record(about, 'Normal', 'TaintManagerEviction', `${what} ${namespacedName(key)}`);
  }

  async #evict(key: ObjectKey): Promise<void> {
    const { clock, log } = this.#parts;
    this.#tell(key, 'Marking for deletion Pod');
    for (let tries = 1; ; tries++) {
      try {
        await this.#delete(key);
        return;
      } catch (error) {
        if (tries === TRIES) {
          if (!isStatusError(error, 'NotFound')) log.error(error, 'Cannot evict a pod', { ...key });
          return;
        }
        await sleep(RETRY_MS, clock);
      }
    }
  }

  async #delete(key: ObjectKey): Promise<void> {
    const { client, clock } = this.#parts;
    const { metadata, status } = await client.get(POD, key);
    const { uid, generation } = metadata;
    const known = status?.conditions?.find(({ type }) => type === CONDITION.type) as typeof CONDITION | undefined;
    if (known?.status !== 'True' || known.reason !== CONDITION.reason || known.message !== CONDITION.message) {
      const lastTransitionTime = formatTime(new Date(clock.now()));
      const condition = { ...CONDITION, observedGeneration: generation, lastTransitionTime, lastProbeTime: null };
      const types = (status?.conditions ?? []).map(({ type }) => type).filter((type) => type !== CONDITION.type);
      const order = [...types, CONDITION.type].map((type) => ({ type }));
      const patch = { metadata: { uid }, status: { '$setElementOrder/conditions': order, conditions: [condition] } };
      await client.patch(POD, key, { strategic: patch as never }, { subresource: 'status' });
    }
    await client.delete(POD, key);
  }
}
