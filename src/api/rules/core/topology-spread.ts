import { duplicate, forbidden, invalid, type Path } from 'nekube/apimachinery';
import { checkLabelName, checkLabelSelector } from '../label-selector.ts';
import { type Check, type Checks, fields, type Loose, oneOf, type RuleContext, required } from '../rule.ts';
import { checkMatchLabelKeys } from './affinity.ts';
import type { PodCheckOptions } from './pod-options.ts';

const checkPositive: Check = (value, path, { errors }) => {
  if (value <= 0) errors.push(invalid(path, value, 'must be greater than zero'));
};

/** How pods spread over the domains of a topology; no two constraints are for the same key and action. */
export function checkTopologySpread(options: PodCheckOptions): Check {
  return (constraints, path, context) => {
    (constraints ?? []).forEach((constraint: Loose, i: number) => {
      checkConstraint(constraint, constraints.slice(i + 1), path.index(i), options, context);
    });
  };
}

function checkConstraint(
  constraint: Loose,
  later: Loose[],
  path: Path,
  options: PodCheckOptions,
  context: RuleContext,
): void {
  const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = constraint;
  checkPositive(maxSkew, path.child('maxSkew'), context);
  required('can not be empty')(topologyKey, path.child('topologyKey'), context);
  oneOf('DoNotSchedule', 'ScheduleAnyway')(whenUnsatisfiable, path.child('whenUnsatisfiable'), context);
  if (later.some((c) => (c.topologyKey ?? '') === topologyKey && (c.whenUnsatisfiable ?? '') === whenUnsatisfiable)) {
    const at = path.child('{topologyKey, whenUnsatisfiable}');
    context.errors.push(duplicate(at, `{${topologyKey}, ${whenUnsatisfiable}}`));
  }
  const rest: Record<string, Checks> = {
    minDomains: checkMinDomains(whenUnsatisfiable),
    nodeAffinityPolicy: oneOf('Honor', 'Ignore'),
    nodeTaintsPolicy: oneOf('Honor', 'Ignore'),
  };
  fields(rest)(constraint, path, context);
  if (options.allowInvalidMatchLabelKeys) checkOldMatchLabelKeys(constraint, path.child('matchLabelKeys'), context);
  else checkMatchLabelKeys({ ...constraint, mismatchLabelKeys: [] }, path, context);
  if (options.allowInvalidTopologySpreadConstraintLabelSelector) return;
  checkLabelSelector({ allowInvalidLabelValue: false })(constraint.labelSelector, path.child('labelSelector'), context);
}

function checkMinDomains(action: string): Check {
  return (minDomains, path, context) => {
    if (minDomains === undefined) return;
    checkPositive(minDomains, path, context);
    if (action === 'DoNotSchedule') return;
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
    context.errors.push(invalid(path, minDomains, detail));
  };
}

/** The rule of before the keys were merged into the selector: no key is in both. */
function checkOldMatchLabelKeys(
  { matchLabelKeys: keys = [], labelSelector }: Loose,
  path: Path,
  context: RuleContext,
): void {
  if (keys.length === 0) return;
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map((e: Loose) => e.key ?? ''),
  ]);
  if (!labelSelector) context.errors.push(forbidden(path, 'must not be specified when labelSelector is not set'));
  keys.forEach((key: string, i: number) => {
    checkLabelName(key, path.index(i), context);
    if (selected.has(key)) {
      context.errors.push(invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector'));
    }
  });
}
