import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PodTemplate } from '../pods/pod.ts';
import { type IntOrPercent, scaledValue } from '../workload/int-or-percent.ts';

/** A condition of a Deployment: `Available`, `Progressing` or `ReplicaFailure`. */
export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** What a Deployment says of its ReplicaSets. Zero is not written. */
export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: readonly DeploymentCondition[];
  collisionCount?: number;
}

/** A Deployment. */
export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    minReadySeconds?: number;
    paused?: boolean;
    progressDeadlineSeconds?: number;
    revisionHistoryLimit?: number;
    selector: LabelSelectorObject;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent } };
    template: PodTemplate;
  };
  status?: DeploymentStatus;
}

/** Deployments. */
export const DEPLOYMENT: Kind<Deployment> = { apiVersion: 'apps/v1', kind: 'Deployment' };

/** A limit that is none. */
const NO_LIMIT = 2 ** 31 - 1;

/** How many pods it shall have. */
export function desiredReplicas({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

/** Whether it has to do with progress. */
export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_LIMIT;
}

/** How many old ReplicaSets it keeps; undefined: all. */
export function historyLimit({ spec }: Deployment): number | undefined {
  return spec.revisionHistoryLimit === NO_LIMIT ? undefined : spec.revisionHistoryLimit;
}

/** Whether old pods are replaced by new ones little by little. */
export function isRollingUpdate({ spec }: Deployment): boolean {
  return spec.strategy?.type === 'RollingUpdate';
}

/** How many pods more than desired there may be on the way. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? bounds(deployment).surge : 0;
}

/** How many pods fewer than desired may be available on the way. */
export function maxUnavailable(deployment: Deployment): number {
  const desired = desiredReplicas(deployment);
  if (!isRollingUpdate(deployment) || desired === 0) return 0;
  return Math.min(bounds(deployment).unavailable, desired);
}

/** Percentages become numbers; where both would be nothing, one pod may be missing, or there would be no way on. */
function bounds(deployment: Deployment): { surge: number; unavailable: number } {
  const desired = desiredReplicas(deployment);
  const { maxSurge: more = 0, maxUnavailable: fewer = 0 } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(more, desired, 'up');
  const unavailable = scaledValue(fewer, desired, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** The condition of a type. */
export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
