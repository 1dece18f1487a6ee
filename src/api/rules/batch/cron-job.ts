import {
  type FieldError,
  invalid,
  type KubeObject,
  notSupported,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { parseSchedule } from 'nekube/cron';
import { generationChanged, nextGeneration, podNameWarnings } from '../apps/workload.ts';
import type { PodCheckOptions } from '../core/pod-options.ts';
import { podTemplateOptions, preparePodTemplate } from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, fields, type Loose, nonNegative, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import { defaultJobTemplate, jobSpecWarnings } from './job.ts';
import { checkJobSpec } from './job-spec.ts';
import { timeZoneProblems } from './time-zone.ts';

const SPEC = Path.of('spec');
const JOB_SPEC = SPEC.child('jobTemplate', 'spec');
/** A job's name has 63 characters, of which its controller takes 11. */
const MAX_NAME = 52;

function defaultCronJob(cronJob: Loose): void {
  const spec = (cronJob.spec ??= {});
  if (!spec.concurrencyPolicy) spec.concurrencyPolicy = 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const template = (spec.jobTemplate ??= {});
  template.spec ??= {};
  defaultJobTemplate(template.spec);
}

function templateOf(cronJob: Loose): Loose {
  return cronJob?.spec?.jobTemplate?.spec?.template;
}

const checkSchedule: Check = (spec, path, { errors, old }) => {
  const { schedule = '', timeZone } = spec;
  const field = path.child('schedule');
  if (schedule === '') return void errors.push(requiredError(field));
  const parsed = parseSchedule(schedule);
  if (typeof parsed === 'string') errors.push(invalid(field, schedule, parsed));
  if (!schedule.includes('TZ')) return;
  if (!old?.spec?.schedule?.includes('TZ'))
    errors.push(invalid(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (timeZone !== undefined)
    errors.push(invalid(field, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
};

const checkTimeZone: Check = (zone, path, { errors, old }) => {
  if (zone === undefined || (old && old.spec?.timeZone === zone)) return;
  for (const problem of timeZoneProblems(zone)) errors.push(invalid(path, zone, problem));
};

const checkConcurrency: Check = (policy, path, { errors }) => {
  const supported = ['Allow', 'Forbid', 'Replace'];
  if (!policy) errors.push(requiredError(path));
  else if (!supported.includes(policy)) errors.push(notSupported(path, policy, supported));
};

/** The selector of a cron job's jobs is always generated. */
const checkGeneratedSelector: Check = ({ selector, manualSelector }, path, { errors }) => {
  if (selector) errors.push(invalid(path.child('selector'), selector, '`selector` will be auto-generated'));
  if (manualSelector) errors.push(notSupported(path.child('manualSelector'), true, ['nil', 'false']));
};

function checkSpec(options: PodCheckOptions): Check {
  return ({ spec = {} }, _, context) => {
    checkSchedule(spec, SPEC, context);
    fields({
      startingDeadlineSeconds: nonNegative,
      timeZone: checkTimeZone,
      concurrencyPolicy: checkConcurrency,
      jobTemplate: fields({ spec: [checkJobSpec(options), checkGeneratedSelector] }),
      successfulJobsHistoryLimit: nonNegative,
      failedJobsHistoryLimit: nonNegative,
    })(spec, SPEC, context);
  };
}

const checkNameLength: Check = ({ metadata: { name = '' } }, _, { errors }) => {
  if (Buffer.byteLength(name) > MAX_NAME)
    errors.push(invalid(Path.of('metadata', 'name'), name, `must be no more than ${MAX_NAME} characters`));
};

function validateUpdate(cronJob: KubeObject, old: KubeObject): FieldError[] {
  return validateWith(checkSpec(podTemplateOptions(templateOf(cronJob), templateOf(old))), cronJob, old);
}

function warnings(cronJob: KubeObject, old: KubeObject | undefined): string[] {
  const { spec } = cronJob;
  const jobSpec = spec.jobTemplate?.spec ?? {};
  if (!old) return [...podNameWarnings(cronJob.metadata.name ?? ''), ...jobSpecWarnings(jobSpec, undefined, JOB_SPEC)];
  const advice =
    'use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
  return [
    ...(generationChanged(cronJob, old) ? jobSpecWarnings(jobSpec, old.spec?.jobTemplate?.spec, JOB_SPEC) : []),
    ...(spec.schedule?.includes('TZ') ? [`cannot use TZ or CRON_TZ in spec.spec.schedule, ${advice}`] : []),
  ];
}

/** The rules of cron jobs. */
export const cronJobRules: ResourceRules = {
  defaults: { '*': defaultCronJob },
  ...prepare(ignoresStatus, {
    prepareForCreate: (cronJob) => {
      cronJob.metadata.generation = 1;
      preparePodTemplate(templateOf(cronJob), undefined);
    },
    prepareForUpdate: (cronJob, old) => {
      preparePodTemplate(templateOf(cronJob), templateOf(old));
      if (!semanticEqual(cronJob.spec, old.spec)) nextGeneration(cronJob, old);
    },
  }),
  validate: (cronJob) => validateWith([checkSpec({}), checkNameLength], cronJob),
  validateUpdate,
  warnings,
  subresources: { status: writesStatus },
};
