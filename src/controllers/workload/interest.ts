import {
  type JsonValue,
  jsonEqual,
  type KubeObject,
  labelSelectorFromObject,
  type LabelSelectorObject,
} from 'nekube/apimachinery';
import type { ObjectStore } from 'nekube/client';

/** Who owns objects by a selector. */
export interface Selecting extends KubeObject {
  spec: { selector: LabelSelectorObject };
}

/** Those that might want an object that nobody has: who selects everything wants nothing. */
export function interestedIn<O extends Selecting>({ metadata }: KubeObject, owners: ObjectStore<O>): readonly O[] {
  return owners.list(metadata.namespace).filter(({ spec }) => {
    const selector = labelSelectorFromObject(spec.selector);
    return !selector.isEmpty && selector.matches(metadata.labels);
  });
}

/** Whether two versions of an object have the same labels. */
export function hasSameLabels(one: KubeObject, other: KubeObject): boolean {
  return jsonEqual(one.metadata.labels as JsonValue | undefined, other.metadata.labels as JsonValue | undefined);
}
