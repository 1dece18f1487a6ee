import type { Source } from '../model/index.ts';
import type { ListenerPlan } from './listener-plan.ts';

/** Where a listener stands. */
export function sourceOf({ owner, name }: ListenerPlan): Source {
  return { kind: owner.kind, namespace: owner.namespace, name: owner.name, sectionName: name };
}
