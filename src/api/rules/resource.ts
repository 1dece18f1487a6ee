import { deviceClassRules } from './resource/device-class.ts';
import { claimRules, claimTemplateRules } from './resource/claim.ts';
import { sliceRules } from './resource/slice.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of resource.k8s.io. Expressions are checked for their length, not compiled. */
export const resourceRules: Readonly<Record<string, ResourceRules>> = {
  deviceclasses: deviceClassRules,
  resourceclaims: claimRules,
  resourceclaimtemplates: claimTemplateRules,
  resourceslices: sliceRules,
};
