import { type Check, fields, required } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';

/** Checks labels and annotations of a pod template's metadata. */
export function checkPodTemplateMeta(_options: PodCheckOptions): Check {
  return () => {};
}

/** Checks a whole pod spec. */
export function checkPodSpec(_options: PodCheckOptions): Check {
  return fields({ containers: required() });
}
