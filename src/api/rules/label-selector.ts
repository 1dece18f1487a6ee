import { forbidden, invalid, isQualifiedName, isValidLabelValue, type Path, required } from 'nekube/apimachinery';
import type { Check, RuleContext } from './rule.ts';

/** What a selector may hold that would otherwise be refused. */
export interface LabelSelectorOptions {
  /** Values that are no label values, as objects from before their validation have. */
  readonly allowInvalidLabelValue?: boolean;
  /** Operators that nobody knows, as in access reviews. */
  readonly allowUnknownOperator?: boolean;
}

/** A label's key: a qualified name; a missing one is the empty text. */
export const checkLabelName: Check = (name, path, { errors }) => {
  for (const message of isQualifiedName(name ?? '')) errors.push(invalid(path, name ?? '', message));
};

/** Labels: qualified names with label values; every error is at the map itself. */
export const checkLabels: Check = (labels, path, context) => {
  for (const key of Object.keys(labels ?? {}).sort()) {
    checkLabelName(key, path, context);
    checkLabelValue(labels[key], path, context);
  }
};

const checkLabelValue: Check = (value, path, { errors }) => {
  for (const message of isValidLabelValue(value)) errors.push(invalid(path, value, message));
};

/** A `metav1.LabelSelector`; a missing one is fine. */
export function checkLabelSelector(options: LabelSelectorOptions = {}): Check {
  return (selector, path, context) => {
    if (selector === undefined || selector === null) return;
    checkLabels(selector.matchLabels, path.child('matchLabels'), context);
    const expressions = path.child('matchExpressions');
    (selector.matchExpressions ?? []).forEach((requirement: SelectorRequirement, i: number) => {
      checkRequirement(requirement, expressions.index(i), context, options);
    });
  };
}

interface SelectorRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[] | null;
}

function checkRequirement(
  requirement: SelectorRequirement,
  path: Path,
  context: RuleContext,
  options: LabelSelectorOptions,
): void {
  const values = requirement.values ?? [];
  checkSelectorOperator(requirement, path, context, options.allowUnknownOperator ?? false);
  checkLabelName(requirement.key, path.child('key'), context);
  if (options.allowInvalidLabelValue) return;
  values.forEach((value, i) => checkLabelValue(value, path.child('values').index(i), context));
}

/** The operator of a selector's requirement, and whether it goes with values. */
export function checkSelectorOperator(
  { operator, values }: SelectorRequirement,
  path: Path,
  { errors }: RuleContext,
  allowUnknown: boolean,
): void {
  const given = (values ?? []).length > 0;
  const at = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (!given) errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (given) errors.push(forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (!allowUnknown) {
    errors.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  }
}

/** Whether a selector has values that are no label values, so that an update may keep them. */
export function hasInvalidLabelValue(
  selector: { readonly matchExpressions?: readonly SelectorRequirement[] } | null | undefined,
): boolean {
  return (selector?.matchExpressions ?? []).some((requirement) =>
    (requirement.values ?? []).some((value) => isValidLabelValue(value).length > 0),
  );
}
