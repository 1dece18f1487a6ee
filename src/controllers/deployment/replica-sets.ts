import type { ReplicaSet } from '../replicaset/replica-set.ts';
import { replicasOf } from '../replicaset/replica-set.ts';
import { meaningOfTemplate } from '../workload/template-hash.ts';
import type { PodTemplate } from '../pods/pod.ts';
import type { Deployment } from './deployment.ts';

/** The label that tells the ReplicaSets of a Deployment, and their pods, from one another. */
export const HASH_LABEL = 'pod-template-hash';

/** The ReplicaSets of a Deployment: the one that has its template, and all others. */
export interface Revisions {
  /** Undefined: there is none yet. */
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** Tells them apart; the oldest is the current one where several have the template. */
export function revisionsOf({ spec }: Deployment, sets: readonly ReplicaSet[]): Revisions {
  const inOrder = [...sets].sort(compareAges);
  const current = inOrder.find((set) => isSameTemplate(set.spec.template, spec.template));
  return { current, old: inOrder.filter((set) => set !== current) };
}

/** All of them, the old ones first. */
export function allOf({ current, old }: Revisions): readonly ReplicaSet[] {
  return current === undefined ? old : [...old, current];
}

/** Whether two templates mean the same, but for the label that tells them apart. */
export function isSameTemplate(one: PodTemplate, other: PodTemplate): boolean {
  return meaningOfTemplate(withoutHash(one)) === meaningOfTemplate(withoutHash(other));
}

const hashless = new WeakMap<PodTemplate, PodTemplate>();

/** A template without the label that tells its ReplicaSet from others. */
export function withoutHash(template: PodTemplate): PodTemplate {
  if (template.metadata?.labels?.[HASH_LABEL] === undefined) return template;
  let result = hashless.get(template);
  if (result === undefined) {
    const { [HASH_LABEL]: _, ...labels } = template.metadata.labels;
    result = { ...template, metadata: { ...template.metadata, labels } };
    hashless.set(template, result);
  }
  return result;
}

/** Those that shall have pods. */
export function activeOf(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter((set) => replicasOf(set) > 0);
}

/** How many pods they shall have together. */
export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

/** A count of their status, of all together. */
export function totalOf(
  sets: readonly ReplicaSet[],
  count: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number {
  return sets.reduce((sum, { status }) => sum + (status?.[count] ?? 0), 0);
}

/** The oldest first. */
export function compareAges(a: ReplicaSet, b: ReplicaSet): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(a.metadata.name, b.metadata.name)
  );
}

function compare(a: string | null | undefined, b: string | null | undefined): number {
  const [one, other] = [a ?? '', b ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}
