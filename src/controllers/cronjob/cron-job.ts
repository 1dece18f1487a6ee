import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A Job that a CronJob has made and that has not ended. */
export interface JobReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What a CronJob says of its Jobs. */
export interface CronJobStatus {
  active?: JobReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}

/** A CronJob. */
export interface CronJob extends KubeObject {
  spec: {
    schedule: string;
    timeZone?: string;
    startingDeadlineSeconds?: number;
    concurrencyPolicy?: string;
    suspend?: boolean;
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
    jobTemplate: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: Record<string, unknown>;
    };
  };
  status?: CronJobStatus;
}

/** CronJobs. */
export const CRON_JOB: Kind<CronJob> = { apiVersion: 'batch/v1', kind: 'CronJob' };
