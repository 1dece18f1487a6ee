import { isStatusError, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, Clock, ObjectKey, ObjectStore } from 'nekube/client';
import type { CoreEventRecorder, ReconcileResult } from 'nekube/controller';
import type { Pod } from '../pods/pod.ts';
import { messageOf } from '../pods/pod-control.ts';
import { selectorInGo } from '../workload/go-selector.ts';
import { BUDGET, type Budget, type BudgetStatus } from './budget.ts';
import type { ScaleFinder } from './scale-finder.ts';
import { disruptedOf, failedStatus, needsScale, numbersOf, type PodNumbers, statusOf } from './status.ts';

/** What the reconciler works with. */
export interface BudgetParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
  readonly budgets: ObjectStore<Budget>;
  readonly pods: ObjectStore<Pod>;
  readonly scales: ScaleFinder;
}

/** Writes into budgets how many of their pods may go. */
export class BudgetReconciler {
  readonly #parts: BudgetParts;

  constructor(parts: BudgetParts) {
    this.#parts = parts;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const budget = this.#parts.budgets.get(key);
    if (budget === undefined) return undefined;
    try {
      return await this.#sync(budget);
    } catch (error) {
      if (isStatusError(error, 'Conflict')) throw error;
      // it is not tried again by itself: what is wrong is about objects, whose changes come by
      const reason = error instanceof Error ? error : new Error(messageOf(error));
      await this.#write(budget, failedStatus(budget, reason, this.#parts.clock.now()));
      return undefined;
    }
  }

  async #sync(budget: Budget): Promise<ReconcileResult | undefined> {
    const { events, clock } = this.#parts;
    const pods = this.#podsOf(budget);
    if (pods.length === 0) events.record(budget, 'Normal', 'NoPods', 'No matching pods found');
    const numbers = await this.#numbersOf(budget, pods);
    const now = clock.now();
    const { waiting, notDeleted, recheckAt } = disruptedOf(budget, pods, now);
    const { namespace } = budget.metadata;
    // the real one names the namespace twice, and the budget not at all
    const told = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
    for (const pod of notDeleted) events.record(pod, 'Warning', 'NotDeleted', told);
    const status = statusOf(budget, { pods, numbers, waiting, now });
    if (status !== undefined && status !== budget.status) await this.#write(budget, status);
    return recheckAt === undefined ? undefined : { requeueAfterMs: Math.max(1, recheckAt - now) };
  }

  #podsOf({ metadata, spec }: Budget): readonly Pod[] {
    const selector = labelSelectorFromObject(spec.selector);
    return this.#parts.pods.list(metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels));
  }

  async #numbersOf(budget: Budget, pods: readonly Pod[]): Promise<PodNumbers> {
    if (!needsScale(budget)) return numbersOf(budget, pods.length);
    const { events, scales } = this.#parts;
    try {
      const { expectedPods, unmanaged } = await scales.expected(pods);
      if (unmanaged.length > 0) events.record(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget));
      return numbersOf(budget, expectedPods);
    } catch (error) {
      const told = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
      events.record(budget, 'Warning', 'CalculateExpectedPodCountFailed', told);
      throw error;
    }
  }

  async #write(budget: Budget, status: BudgetStatus): Promise<void> {
    await this.#parts.client.update<Budget>({ ...BUDGET, ...budget, status }, { subresource: 'status' });
  }
}

function unmanagedMessage({ spec }: Budget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selectorInGo(spec.selector)}) were found ` +
    'to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}
