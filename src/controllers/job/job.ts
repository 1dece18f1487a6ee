import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PodTemplate } from '../pods/pod.ts';

/** A condition of a Job, as `Complete`, `Failed` or `Suspended`. */
export interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A Job, as far as others than its own controller look at it. */
export interface FinishableJob extends KubeObject {
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly JobCondition[];
  };
}

/** Jobs, for those who only look whether they have ended. */
export const FINISHABLE_JOB: Kind<FinishableJob> = { apiVersion: 'batch/v1', kind: 'Job' };

/** What makes a pod's failure mean something. */
export interface PodFailureRule {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
}

/** What makes an indexed Job succeed before all of it has. */
export interface SuccessRule {
  readonly succeededIndexes?: string;
  readonly succeededCount?: number;
}

/** What a Job says of its pods. */
export interface JobStatus {
  startTime?: string;
  completionTime?: string;
  conditions?: JobCondition[];
  active?: number;
  ready?: number;
  terminating?: number;
  succeeded?: number;
  failed?: number;
  completedIndexes?: string;
  failedIndexes?: string;
  /** UIDs of pods that have ended and still have the finalizer: they are counted when that is gone. */
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] };
}

/** A Job. */
export interface Job extends KubeObject {
  spec: {
    parallelism?: number;
    completions?: number;
    completionMode?: string;
    backoffLimit?: number;
    backoffLimitPerIndex?: number;
    maxFailedIndexes?: number;
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    managedBy?: string;
    podReplacementPolicy?: string;
    podFailurePolicy?: { readonly rules: readonly PodFailureRule[] };
    successPolicy?: { readonly rules: readonly SuccessRule[] };
    selector: LabelSelectorObject;
    template: PodTemplate & { spec?: { restartPolicy?: string } };
  };
  status?: JobStatus;
}

/** Jobs. */
export const JOB: Kind<Job> = { apiVersion: 'batch/v1', kind: 'Job' };

/** The finalizer of pods that are not counted yet. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** The condition by which a Job has ended: `Complete` or `Failed`; undefined if it has not. */
export function finishedConditionOf({ status }: FinishableJob): JobCondition | undefined {
  return status?.conditions?.find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );
}

/** Whether each pod has an index. */
export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** Whether another controller looks after it. */
export function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller';
}

/** Whether a pod on its way out is replaced only when it is at its end. */
export function replacesFailedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}
