import {
  type FieldError,
  forbidden,
  invalid,
  isDns1123Label,
  type KubeObject,
  type LabelSelector,
  labelSelectorFromObject,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { goJson } from '../go-struct.ts';
import { checkLabelSelector } from '../label-selector.ts';
import { type Check, isEmpty, type Loose, nonNegative, run } from '../rule.ts';

/** A selector that must be there and select something; `kind` stands in the message. */
export function checkWorkloadSelector(kind: string): Check {
  return (selector, path, context) => {
    if (!selector) return void context.errors.push(requiredError(path));
    checkLabelSelector()(selector, path, context);
    if (isEmptySelector(selector))
      context.errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
  };
}

/** A selector without requirements, which selects everything. */
export function isEmptySelector(selector: Loose): boolean {
  return isEmpty(selector.matchLabels) && isEmpty(selector.matchExpressions);
}

/** The selector in its form for matching; a missing one matches nothing, a malformed one is undefined. */
export function compileSelector(selector: Loose): LabelSelector | undefined {
  try {
    return labelSelectorFromObject(selector);
  } catch {
    return undefined;
  }
}

/** The labels of a template are those that the selector selects. */
export function checkTemplateLabels(selector: LabelSelector, template: Loose, path: Path, errors: FieldError[]): void {
  const labels = template.metadata?.labels;
  if (selector.matches(labels)) return;
  const at = path.child('metadata', 'labels');
  errors.push(invalid(at, isEmpty(labels) ? null : labels, '`selector` does not match template `labels`'));
}

/** Pods of this kind of workload run for ever. */
export function checkLongRunning(kind: string): Check {
  return (template, path, { errors }) => {
    const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
    const spec = path.child('spec');
    if (restartPolicy !== 'Always')
      errors.push(notSupported(spec.child('restartPolicy'), restartPolicy ?? '', ['Always']));
    if (activeDeadlineSeconds === undefined) return;
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbidden(spec.child('activeDeadlineSeconds'), detail));
  };
}

/** `Unsupported value` of an internal Go struct. */
export function notSupportedGo(path: Path, type: string, value: Loose, supported: readonly string[]): FieldError {
  const message = `Unsupported value: ${goJson(type, value)}: supported values: ${supported.map((v) => `"${v}"`).join(', ')}`;
  return { type: 'FieldValueNotSupported', field: path.toString(), message };
}

/** A comparison of two counts in a status: the first may not exceed the second. */
export type CountLimit = readonly [field: string, limit: string, detail: string];

/** Counts of a status: none below 0, and none above its limit. */
export function checkCounts(counts: readonly string[], limits: readonly CountLimit[]): Check {
  return (status = {}, path, context) => {
    for (const field of counts) nonNegative(status[field], path.child(field), context);
    for (const [field, limit, detail] of limits) {
      const count = status[field] ?? 0;
      if (count > (status[limit] ?? 0)) context.errors.push(invalid(path.child(field), count, detail));
    }
  };
}

/** The count of collisions only grows. */
export const checkCollisionCount: Check = (status, path, { errors, old }) => {
  const before = old?.status?.collisionCount;
  const count = status?.collisionCount ?? 0;
  if (before !== undefined && (status?.collisionCount === undefined || count < before))
    errors.push(invalid(path.child('collisionCount'), count, 'cannot be decremented'));
};

/** Runs checks on a field of the object that is validated. */
export function at(path: Path, field: string, ...checks: Check[]): Check {
  return (object, _, context) => run(checks, object[field], path, context);
}

/** One generation more than the stored object's. */
export function nextGeneration(object: KubeObject, old: KubeObject): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** Whether the write of an object has counted up its generation. */
export function generationChanged(object: KubeObject, old: KubeObject): boolean {
  return (object.metadata.generation ?? 0) !== (old.metadata.generation ?? 0);
}

/** A warning about a name that is no DNS label, although pods are named after it. */
export function podNameWarnings(name: string): string[] {
  const problems = isDns1123Label(name);
  if (problems.length === 0) return [];
  const text = 'this is used in Pod names and hostnames, which can result in surprising behavior';
  return [`metadata.name: ${text}; a DNS label is recommended: [${problems.join(' ')}]`];
}
