import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

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

/** The condition by which a Job has ended: `Complete` or `Failed`; undefined if it has not. */
export function finishedConditionOf({ status }: FinishableJob): JobCondition | undefined {
  return status?.conditions?.find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );
}
