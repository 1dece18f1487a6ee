import { cronJobRules } from './batch/cron-job.ts';
import { jobRules } from './batch/job.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of batch. */
export const batchRules: Readonly<Record<string, ResourceRules>> = {
  cronjobs: cronJobRules,
  jobs: jobRules,
};
