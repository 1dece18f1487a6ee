import { LabelSelector, type LabelSelectorObject, labelSelectorFromObject } from 'nekube/apimachinery';
import type { View } from './cluster.ts';
import type { AllowedNamespaces } from './listener-plan.ts';

const compiled = new WeakMap<LabelSelectorObject, LabelSelector>();

/** Whether what is in a namespace may attach. */
export function allowsNamespace(view: View, { from, namespace, selector }: AllowedNamespaces, other: string): boolean {
  if (from === 'All') return true;
  if (from === 'Same') return namespace === other;
  if (from !== 'Selector' || selector === undefined) return false;
  const labels = view.namespace(other)?.metadata.labels;
  return selectorOf(selector).matches({ 'kubernetes.io/metadata.name': other, ...labels });
}

/** One that validation would refuse selects nothing. */
function selectorOf(object: LabelSelectorObject): LabelSelector {
  let selector = compiled.get(object);
  if (selector === undefined) {
    try {
      selector = labelSelectorFromObject(object);
    } catch {
      selector = LabelSelector.nothing;
    }
    compiled.set(object, selector);
  }
  return selector;
}
