import { formatLabelSelector, humanDuration, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, containerCells, since } from './format.ts';

/** Cells of the batch group's resources. */
export const batchCells: Readonly<Record<string, CellPrinter>> = { cronjobs: cronJobCells, jobs: jobCells };

function jobCells(job: KubeObject, now: Date): JsonValue[] {
  return [
    job.metadata.name ?? '',
    jobStatus(job),
    jobCompletions(job),
    jobDuration(job, now),
    ageOf(job, now),
    ...containerCells(job.spec?.template?.spec?.containers),
    formatLabelSelector(job.spec?.selector),
  ];
}

function jobStatus({ metadata, status }: KubeObject): string {
  const isTrue = (type: string) => (status?.conditions ?? []).find((c: Loose) => c.type === type)?.status === 'True';
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (isTrue('Suspended')) return 'Suspended';
  return ['FailureTarget', 'SuccessCriteriaMet'].find(isTrue) ?? 'Running';
}

function jobCompletions({ spec, status }: KubeObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined && spec.completions !== null) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: KubeObject, now: Date): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  return humanDuration(end - Date.parse(status.startTime));
}

function cronJobCells(job: KubeObject, now: Date): JsonValue[] {
  const { spec = {}, status = {} } = job;
  const template = spec.jobTemplate?.spec;
  return [
    job.metadata.name ?? '',
    spec.schedule ?? '',
    spec.timeZone ?? '<none>',
    spec.suspend === undefined || spec.suspend === null ? '<unset>' : spec.suspend ? 'True' : 'False',
    (status.active ?? []).length,
    status.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>',
    ageOf(job, now),
    ...containerCells(template?.template?.spec?.containers),
    formatLabelSelector(template?.selector),
  ];
}
