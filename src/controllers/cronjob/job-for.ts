import { formatTime, type KubeObject } from 'nekube/apimachinery';
import { controllerReferenceTo } from 'nekube/controller';
import { TimeZone } from 'nekube/cron';
import { FINISHABLE_JOB } from '../job/job.ts';
import { CRON_JOB, type CronJob } from './cron-job.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of the Job of a time, by which no second one can be made: its minutes since 1970. */
export function jobNameFor({ metadata }: CronJob, at: number): string {
  return `${metadata.name}-${Math.floor(at / 60_000)}`;
}

/** The Job that a CronJob makes for a time. */
export function jobFor(cronJob: CronJob, at: number): KubeObject {
  const { metadata, spec } = cronJob;
  const { metadata: template = {}, spec: jobSpec } = spec.jobTemplate;
  const annotations = { ...template.annotations, [SCHEDULED_AT]: new TimeZone(spec.timeZone ?? '').format(at) };
  return {
    ...(FINISHABLE_JOB as KubeObject),
    metadata: {
      name: jobNameFor(cronJob, at),
      namespace: metadata.namespace,
      creationTimestamp: formatTime(new Date(at)),
      ...(template.labels && { labels: { ...template.labels } }),
      annotations,
      ownerReferences: [controllerReferenceTo({ ...cronJob, ...CRON_JOB })],
    },
    spec: structuredClone(jobSpec),
  };
}
