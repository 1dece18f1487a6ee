import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Condition } from 'nekube/controller';
import type { IntOrPercent } from '../workload/int-or-percent.ts';

/** What a budget says of the pods that it is for. */
export interface BudgetStatus {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  /** The pods that the server let go and that are still there, with the times when it did. */
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

/** A PodDisruptionBudget. */
export interface Budget extends KubeObject {
  spec: {
    readonly selector?: LabelSelectorObject;
    readonly minAvailable?: IntOrPercent;
    readonly maxUnavailable?: IntOrPercent;
  };
  status?: BudgetStatus;
}

/** PodDisruptionBudgets. */
export const BUDGET: Kind<Budget> = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };

/** So long a pod that the server let go may be there without being deleted: 2 minutes. */
export const DELETION_TIMEOUT_MS = 120_000;
