import { forbidden, invalid, nameIsDnsLabel, type Path, required as requiredError } from 'nekube/apimachinery';
import { checkLabelName, checkLabelSelector } from '../label-selector.ts';
import { type Check, defined, each, fields, type Loose, type RuleContext } from '../rule.ts';
import { checkNodeSelector, checkNodeSelectorTerm } from './node-selector.ts';
import type { PodCheckOptions } from './pod-options.ts';

const checkWeight: Check = (weight = 0, path, { errors }) => {
  if (weight <= 0 || weight > 100) errors.push(invalid(path, weight, 'must be in the range 1-100'));
};

/** Where a pod may and would like to run: by nodes, and by the pods that are there. */
export function checkAffinity(options: PodCheckOptions): Check {
  const checkTerm = checkPodAffinityTerm(options);
  const checkPods = fields({
    requiredDuringSchedulingIgnoredDuringExecution: each(checkTerm),
    preferredDuringSchedulingIgnoredDuringExecution: each(fields({ weight: checkWeight, podAffinityTerm: checkTerm })),
  });
  const required = checkNodeSelector(options.allowInvalidLabelValueInRequiredNodeAffinity ?? false);
  const preferred = fields({ weight: checkWeight, preference: checkNodeSelectorTerm(true) });
  return fields({
    nodeAffinity: fields({
      requiredDuringSchedulingIgnoredDuringExecution: defined(required),
      preferredDuringSchedulingIgnoredDuringExecution: each(preferred),
    }),
    podAffinity: checkPods,
    podAntiAffinity: checkPods,
  });
}

/** The selectors of an affinity to pods. */
export function checkPodAffinityTermSelectors(options: PodCheckOptions): Check {
  const check = checkLabelSelector({ allowInvalidLabelValue: options.allowInvalidLabelValueInSelector ?? false });
  return fields({ labelSelector: check, namespaceSelector: check });
}

function checkPodAffinityTerm(options: PodCheckOptions): Check {
  const checkSelectors = checkPodAffinityTermSelectors(options);
  return (term, path, context) => {
    checkSelectors(term, path, context);
    for (const name of term.namespaces ?? []) {
      for (const m of nameIsDnsLabel(name, false)) context.errors.push(invalid(path.child('namespace'), name, m));
    }
    checkMatchLabelKeys(term, path, context);
    const at = path.child('topologyKey');
    if (!term.topologyKey) context.errors.push(requiredError(at, 'can not be empty'));
    checkLabelName(term.topologyKey ?? '', at, context);
  };
}

/** Keys of the pod's own labels that are added to a selector: they are not in it already, nor in both lists. */
export const checkMatchLabelKeys: Check = (term, path, context) => {
  const { labelSelector: selector, matchLabelKeys: match = [], mismatchLabelKeys: mismatch = [] } = term;
  checkLabelKeys(match, selector, path.child('matchLabelKeys'), context);
  checkLabelKeys(mismatch, selector, path.child('mismatchLabelKeys'), context);
  const selected = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key = '' } of selector?.matchExpressions ?? []) {
    const i = match.lastIndexOf(key);
    if (i >= 0 && selected.has(key)) {
      context.errors.push(invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector'));
    }
    selected.add(key);
  }
  match.forEach((key: string, i: number) => {
    if (!mismatch.includes(key)) return;
    const at = path.child('matchLabelKeys').index(i);
    context.errors.push(invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
};

function checkLabelKeys(keys: string[], selector: Loose, path: Path, context: RuleContext): void {
  if (keys.length === 0) return;
  if (selector) each(checkLabelName)(keys, path, context);
  else context.errors.push(forbidden(path, 'must not be specified when labelSelector is not set'));
}
