import {
  duplicate,
  type FieldError,
  invalid,
  jsonEqual,
  type KubeObject,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { fields, isEmpty, type Loose, nonNegative, validateWith } from '../rule.ts';
import { countIndexes, overlappingIndex } from './indexes.ts';
import { invalidWhole } from './job-spec.ts';

const STATUS = Path.of('status');
const CONDITIONS = STATUS.child('conditions');

/** A condition of the job has this status. */
export function hasCondition(job: Loose, type: string, status = 'True'): boolean {
  return (job.status?.conditions ?? []).some((c: Loose) => c.type === type && c.status === status);
}

const isFinished = (job: Loose) => hasCondition(job, 'Complete') || hasCondition(job, 'Failed');

/** A new status next to the stored one, and which of its parts changed. */
class StatusUpdate {
  readonly job: Loose;
  readonly old: Loose;
  readonly status: Loose;
  readonly spec: Loose;
  readonly errors: FieldError[] = [];

  constructor(job: Loose, old: Loose) {
    this.job = job;
    this.old = old;
    this.status = job.status ?? {};
    this.spec = job.spec ?? {};
  }

  has(type: string): boolean {
    return hasCondition(this.job, type);
  }

  had(type: string): boolean {
    return hasCondition(this.old, type);
  }

  /** One of these conditions begins or ceases to be true. */
  flips(...types: string[]): boolean {
    return types.some((type) => this.has(type) !== this.had(type));
  }

  get finishes(): boolean {
    return isFinished(this.job) !== isFinished(this.old);
  }

  /** One of these fields has another value. */
  changes(...names: string[]): boolean {
    return names.some((name) => !jsonEqual(this.status[name] ?? null, this.old.status?.[name] ?? null));
  }

  get indexed(): boolean {
    return this.spec.completionMode === 'Indexed';
  }

  wrongIf(wrong: boolean, field: string, detail: string): void {
    if (wrong) this.errors.push(invalid(STATUS.child(field), this.status[field], detail));
  }

  requiredIf(missing: boolean, field: string, detail: string): void {
    if (missing) this.errors.push(requiredError(STATUS.child(field), detail));
  }

  conditionsIf(wrong: boolean, detail: string): void {
    if (wrong) this.errors.push(invalidWhole(CONDITIONS, detail));
  }
}

/**
 * Validates a job's new status. Most rules look only at what changes, so that a status which breaks them already, or
 * after the spec was changed, can still be written.
 */
export function validateJobStatus(job: KubeObject, old: KubeObject): FieldError[] {
  const update = new StatusUpdate(job, old);
  checkCounts(update);
  checkConditions(update);
  checkTimes(update);
  checkOutcome(update);
  checkFinished(update);
  checkIndexes(update);
  checkPods(update);
  checkSuccess(update);
  checkTransition(update);
  return update.errors;
}

const countFields = fields({
  active: nonNegative,
  succeeded: nonNegative,
  failed: nonNegative,
  ready: nonNegative,
  terminating: nonNegative,
});

function checkCounts({ status, errors }: StatusUpdate): void {
  errors.push(...validateWith((s, _, context) => countFields(s, STATUS, context), status));
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed']) {
    const path = STATUS.child('uncountedTerminatedPods', list);
    (status.uncountedTerminatedPods?.[list] ?? []).forEach((uid: string, i: number) => {
      if (uid === '') errors.push(invalid(path.index(i), uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(path.index(i), uid));
      seen.add(uid);
    });
  }
}

function checkConditions(u: StatusUpdate): void {
  const complete = u.has('Complete');
  u.conditionsIf(
    u.flips('Complete', 'Failed') && complete && u.has('Failed'),
    'cannot set Complete=True and Failed=true conditions',
  );
  u.conditionsIf(
    u.flips('Complete', 'FailureTarget') && complete && u.has('FailureTarget'),
    'cannot set Complete=True and FailureTarget=true conditions',
  );
}

function checkTimes(u: StatusUpdate): void {
  const { completionTime, startTime } = u.status;
  const complete = u.has('Complete');
  const completes = u.flips('Complete') || u.changes('completionTime');
  u.wrongIf(
    completes && completionTime !== undefined && !complete,
    'completionTime',
    'cannot set completionTime when there is no Complete=True condition',
  );
  u.requiredIf(
    completes && completionTime === undefined && complete,
    'completionTime',
    'completionTime is required for Complete jobs',
  );
  const before = startTime !== undefined && completionTime !== undefined && completionTime < startTime;
  u.wrongIf(
    u.changes('startTime', 'completionTime') && before,
    'completionTime',
    'must be equal to or after `startTime`',
  );
}

function checkOutcome(u: StatusUpdate): void {
  u.conditionsIf(
    (u.flips('Failed') || u.changes('failedIndexes')) && u.has('Failed') && !u.has('FailureTarget'),
    'cannot set Failed=True condition without the FailureTarget=true condition',
  );
  u.conditionsIf(
    u.flips('Complete', 'SuccessCriteriaMet') && u.has('Complete') && !u.has('SuccessCriteriaMet'),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  );
}

function checkFinished(u: StatusUpdate): void {
  const { status, spec } = u;
  if (!isFinished(u.job)) return;
  const neverRan = spec.suspend === true && spec.completions === 0;
  const uncounted = status.uncountedTerminatedPods;
  u.wrongIf((u.finishes || u.changes('active')) && status.active > 0, 'active', 'active>0 is invalid for finished job');
  u.requiredIf(
    (u.finishes || u.changes('startTime')) && !neverRan && status.startTime === undefined,
    'startTime',
    'startTime is required for finished job',
  );
  const counting = !isEmpty(uncounted?.failed) || !isEmpty(uncounted?.succeeded);
  if ((u.finishes || u.changes('uncountedTerminatedPods')) && counting) {
    const path = STATUS.child('uncountedTerminatedPods');
    u.errors.push(invalidGo(path, 'UncountedTerminatedPods', uncounted, 'must be empty for finished job'));
  }
}

function checkIndexes(u: StatusUpdate): void {
  const { completedIndexes = '', failedIndexes } = u.status;
  const { completions, backoffLimitPerIndex } = u.spec;
  const [completed, failed] = [u.changes('completedIndexes'), u.changes('failedIndexes')];
  const problemOf = (text: string) => countIndexes(text, completions).problem;
  if (completed && completions !== undefined) {
    const problem = problemOf(completedIndexes);
    u.wrongIf(problem !== undefined, 'completedIndexes', `error parsing completedIndexes: ${problem}`);
  }
  if (failed && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
    const problem = problemOf(failedIndexes);
    u.wrongIf(problem !== undefined, 'failedIndexes', `error parsing failedIndexes: ${problem}`);
  }
  u.wrongIf(
    completed && completedIndexes !== '' && !u.indexed,
    'completedIndexes',
    'cannot set non-empty completedIndexes when non-indexed completion mode',
  );
  u.wrongIf(
    failed && backoffLimitPerIndex === undefined && failedIndexes !== undefined,
    'failedIndexes',
    'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
  );
  if (!(completed || failed) || completions === undefined || failedIndexes === undefined) return;
  const index = overlappingIndex(completedIndexes, failedIndexes, completions);
  u.wrongIf(index !== undefined, 'failedIndexes', `failedIndexes and completedIndexes overlap at index: ${index}`);
}

function checkPods(u: StatusUpdate): void {
  const { terminating, ready, active = 0 } = u.status;
  u.wrongIf(
    (u.finishes || u.changes('terminating')) && terminating > 0 && isFinished(u.job),
    'terminating',
    'terminating>0 is invalid for finished job',
  );
  u.wrongIf(u.changes('ready', 'active') && ready > active, 'ready', 'cannot set more ready pods than active');
}

function checkSuccess(u: StatusUpdate): void {
  const met = u.has('SuccessCriteriaMet');
  u.conditionsIf(met && u.has('Failed'), 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  u.conditionsIf(met && u.has('FailureTarget'), 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  u.conditionsIf(
    Boolean(u.spec.successPolicy) && !met && u.has('Complete'),
    'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
  );
}

/** What a status may not become, given the stored one. */
function checkTransition(u: StatusUpdate): void {
  const { status, spec } = u;
  const before = u.old.status ?? {};
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    u.conditionsIf(u.had(type) && !u.has(type), `cannot disable the terminal ${type}=True condition`);
  const fewer = (field: string) => (status[field] ?? 0) < (before[field] ?? 0);
  if (fewer('failed')) u.errors.push(cannotDecrease(status, 'failed'));
  const scalable = u.indexed && spec.completions === spec.parallelism;
  if (!scalable && fewer('succeeded')) u.errors.push(cannotDecrease(status, 'succeeded'));
  const both = status.completionTime !== undefined && before.completionTime !== undefined;
  u.wrongIf(both && u.changes('completionTime'), 'completionTime', 'field is immutable');
  const resumes = hasCondition(u.old, 'Suspended') && hasCondition(u.job, 'Suspended', 'False');
  u.wrongIf(
    u.changes('startTime') && !resumes && before.startTime !== undefined && spec.suspend !== true,
    'startTime',
    'field is immutable for unsuspended job once set',
  );
  u.conditionsIf(
    u.had('SuccessCriteriaMet') && !u.has('SuccessCriteriaMet'),
    'cannot disable the SuccessCriteriaMet=True condition',
  );
  u.conditionsIf(
    u.had('Complete') && !u.had('SuccessCriteriaMet') && u.has('SuccessCriteriaMet'),
    'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
  );
}

function cannotDecrease(status: Loose, field: 'failed' | 'succeeded'): FieldError {
  return invalid(STATUS.child(field), status[field] ?? 0, `cannot decrease the ${field} counter`);
}
