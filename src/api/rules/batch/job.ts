import {
  type FieldError,
  invalid,
  isDns1123Label,
  type KubeObject,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import {
  at as fieldAt,
  checkTemplateLabels,
  compileSelector,
  generationChanged,
  nextGeneration,
  podNameWarnings,
} from '../apps/workload.ts';
import { type PodCheckOptions } from '../core/pod-options.ts';
import {
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import { checkLabelSelector, hasInvalidLabelValue } from '../label-selector.ts';
import { validateMetaChanges } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, isEmpty, type Loose, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import { checkJobSpec } from './job-spec.ts';
import { hasCondition, validateJobStatus } from './job-status.ts';
import { checkJobSpecUpdate } from './job-update.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');
const LEGACY_UID = 'controller-uid';
const LEGACY_NAME = 'job-name';
const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';

/** Defaults in the spec of a job and of a cron job's template. */
export function defaultJobTemplate(spec: Loose): void {
  spec.template ??= {};
  defaultPodTemplateSpec(spec.template);
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) if (!pattern.status) pattern.status = 'True';
}

function defaultJob(job: Loose): void {
  const spec = (job.spec ??= {});
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
  const labels = spec.template?.metadata?.labels;
  // the very same map, as upstream: labels that are added to the template later are then added to the job
  if (labels && isEmpty(job.metadata.labels)) job.metadata.labels = labels;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
  defaultJobTemplate(spec);
}

/**
 * Selects the job's pods by its own UID, and labels them so, unless the user selects by hand. A job without labels of
 * its own has those of its template.
 */
function generateSelector({ metadata, spec }: Loose): void {
  if (spec.manualSelector) return;
  const template = (spec.template ??= {});
  const { name = '', uid = '' } = metadata;
  const before = template.metadata?.labels;
  const labels = sorted({ [LEGACY_NAME]: name, [NAME]: name, [LEGACY_UID]: uid, [UID]: uid, ...before });
  template.metadata = { ...template.metadata, labels };
  if (isEmpty(metadata.labels) || metadata.labels === before) metadata.labels = { ...labels };
  spec.selector = { ...spec.selector, matchLabels: sorted({ [UID]: uid, ...spec.selector?.matchLabels }) };
}

function sorted(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The generated labels and selector are as they were generated. */
function checkGenerated(prefixedLabels: boolean): Check {
  return ({ metadata, spec }, _, { errors }) => {
    if (spec.manualSelector || !spec.selector) return;
    const { name = '', uid = '' } = metadata;
    if (uid === '') errors.push(requiredError(Path.of('metadata', 'uid')));
    const expected = { [LEGACY_UID]: uid, [LEGACY_NAME]: name, ...(prefixedLabels && { [UID]: uid, [NAME]: name }) };
    const labels = spec.template?.metadata?.labels ?? {};
    for (const [key, value] of Object.entries(expected)) {
      const path = TEMPLATE.child('metadata', 'labels').key(key);
      if (labels[key] === undefined) errors.push(requiredError(path, `must be '${value}'`));
      else if (labels[key] !== value) errors.push(invalid(path, labels, `must be '${value}'`));
    }
    if (compileSelector(spec.selector)?.matches(expected) === false)
      errors.push(invalid(SPEC.child('selector'), spec.selector, '`selector` not auto-generated'));
  };
}

/** A job's spec with its selector, which matches the template. */
function checkSpec(options: PodCheckOptions, allowInvalidLabelValue: boolean): Check {
  return (spec, path, context) => {
    checkJobSpec(options)(spec, path, context);
    if (!spec.selector) context.errors.push(requiredError(path.child('selector')));
    else checkLabelSelector({ allowInvalidLabelValue })(spec.selector, path.child('selector'), context);
    const selector = compileSelector(spec.selector);
    if (selector !== undefined)
      checkTemplateLabels(selector, spec.template ?? {}, path.child('template'), context.errors);
  };
}

/** The pods of an indexed job are named after it and their index. */
const checkPodNames: Check = ({ metadata, spec }, _, { errors }) => {
  if (spec.completionMode !== 'Indexed' || !(spec.completions > 0)) return;
  const hostname = `${metadata.name ?? ''}-${spec.completions - 1}`;
  if (isDns1123Label(hostname).length === 0) return;
  const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
  errors.push(invalid(Path.of('metadata', 'name'), metadata.name ?? '', detail));
};

function checkJob(options: PodCheckOptions, prefixedLabels = true, allowInvalidLabelValue = false): Check[] {
  const spec = checkSpec(options, allowInvalidLabelValue);
  return [checkGenerated(prefixedLabels), fieldAt(SPEC, 'spec', spec), checkPodNames];
}

/** A suspended job without pods may still have its template changed. */
function mayChangeTemplate(old: Loose): boolean {
  const { startTime, active = 0 } = old.status ?? {};
  return old.spec?.suspend === true && (startTime === undefined || hasCondition(old, 'Suspended')) && active === 0;
}

function validateUpdate(job: KubeObject, old: KubeObject): FieldError[] {
  const options = podTemplateOptions(job.spec?.template, old.spec?.template);
  const allowInvalidLabelValue = options.allowInvalidLabelValueInSelector || hasInvalidLabelValue(old.spec?.selector);
  const oldLabels = old.spec?.template?.metadata?.labels ?? {};
  const prefixed = oldLabels[NAME] !== undefined && oldLabels[UID] !== undefined;
  const spec = checkSpec(options, allowInvalidLabelValue);
  const update = checkJobSpecUpdate(mayChangeTemplate(old));
  return [
    ...validateWith(checkJob(options, prefixed, allowInvalidLabelValue), job, old),
    ...validateMetaChanges(job.metadata, old.metadata, { namespaced: true }),
    ...validateWith(fieldAt(SPEC, 'spec', spec, update), job, old),
  ];
}

/** Warnings about a job's spec at this path. */
export function jobSpecWarnings(spec: Loose, oldSpec: Loose, path: Path): string[] {
  const many = spec.completionMode === 'Indexed' && spec.completions > 100_000 && spec.parallelism > 10_000;
  const text =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [
    ...(many ? [`${path}: ${text}`] : []),
    ...podTemplateWarnings(spec.template, oldSpec?.template, path.child('template')),
  ];
}

/** The rules of jobs. */
export const jobRules: ResourceRules = {
  defaults: { '*': defaultJob },
  ...prepare({ prepareForCreate: generateSelector }, ignoresStatus, {
    prepareForCreate: (job) => {
      job.metadata.generation = 1;
      preparePodTemplate(job.spec.template, undefined);
    },
    prepareForUpdate: (job, old) => {
      preparePodTemplate(job.spec.template, old.spec?.template);
      if (!semanticEqual(job.spec, old.spec)) nextGeneration(job, old);
    },
  }),
  validate: (job) => validateWith(checkJob({}), job),
  validateUpdate,
  warnings: (job, old) => {
    if (!old) return [...podNameWarnings(job.metadata.name ?? ''), ...jobSpecWarnings(job.spec, undefined, SPEC)];
    return generationChanged(job, old) ? jobSpecWarnings(job.spec, old.spec, SPEC) : [];
  },
  subresources: { status: { ...writesStatus, validateUpdate: validateJobStatus } },
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
  defaultGarbageCollection: 'orphan',
  deleteWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
};
