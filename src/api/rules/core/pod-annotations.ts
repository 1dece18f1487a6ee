import { forbidden, invalid } from 'nekube/apimachinery';
import type { Check, Loose } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { APPARMOR_PREFIX, checkProfileAnnotations } from './security-profiles.ts';
import { checkTolerations } from './tolerations.ts';

/** Says that a pod comes from a file of its node. */
export const MIRROR_POD = 'kubernetes.io/config.mirror';
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** The annotations that mean something for a pod; of a template as well. */
export function checkPodAnnotations(spec: Loose, options: PodCheckOptions): Check {
  const checkProfiles = checkProfileAnnotations(spec);
  return (annotations, path, context) => {
    const { errors } = context;
    const mirror = annotations?.[MIRROR_POD];
    if (mirror !== undefined && !spec.nodeName) {
      errors.push(invalid(path.key(MIRROR_POD), mirror, 'must set spec.nodeName if mirror pod annotation is set'));
    }
    if (annotations?.[TOLERATIONS]) checkTolerationAnnotation(options)(annotations[TOLERATIONS], path, context);
    const cost = annotations?.[DELETION_COST];
    if (cost !== undefined && !options.allowInvalidPodDeletionCost && !isDeletionCost(cost)) {
      errors.push(invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer'));
    }
    checkProfiles(annotations, path, context);
  };
}

/** A 32-bit integer without plus sign and leading zeros. */
function isDeletionCost(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}

/** True when the stored metadata has a deletion cost that is none. */
export function hasInvalidDeletionCost(meta: Loose): boolean {
  const cost = meta?.annotations?.[DELETION_COST];
  return cost !== undefined && !isDeletionCost(cost);
}

/** Tolerations as JSON, from before they had a field. */
function checkTolerationAnnotation(options: PodCheckOptions): Check {
  return (text: string, path, context) => {
    try {
      const tolerations = JSON.parse(text);
      if (!Array.isArray(tolerations)) throw new SyntaxError('not a list');
      checkTolerations(options)(tolerations, path.child(TOLERATIONS), context);
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      context.errors.push(invalid(path, TOLERATIONS, e.message));
    }
  };
}

/** Profiles and the origin of a pod stay as they are. */
export function checkPodAnnotationUpdates(old: Loose = {}): Check {
  const isProfile = (key: string) => key.startsWith(APPARMOR_PREFIX);
  return (annotations = {}, path, { errors }) => {
    for (const key of Object.keys(old).sort()) {
      if (annotations[key] === old[key]) continue;
      if (isProfile(key)) errors.push(forbidden(path.key(key), 'may not remove or update AppArmor annotations'));
      if (key === MIRROR_POD) errors.push(forbidden(path.key(key), 'may not remove or update mirror pod annotation'));
    }
    for (const key of Object.keys(annotations).sort()) {
      if (old[key] !== undefined) continue;
      if (isProfile(key)) errors.push(forbidden(path.key(key), 'may not add AppArmor annotations'));
      if (key === MIRROR_POD) errors.push(forbidden(path.key(key), 'may not add mirror pod annotation'));
    }
  };
}
