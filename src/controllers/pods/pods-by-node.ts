import type { Pod } from './pod.ts';

/** The index of pods by the node that they are on. */
export const PODS_BY_NODE = 'node';

/** The values of a pod in {@link PODS_BY_NODE}; one function, so that all who want the index add the same. */
export function nodeNamesOf({ spec }: Pod): string[] {
  return spec.nodeName ? [spec.nodeName] : [];
}
