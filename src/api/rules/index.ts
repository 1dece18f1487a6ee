import { coordinationRules } from './coordination.ts';
import { networkingRules } from './networking.ts';
import { rbacRules } from './rbac.ts';
import type { ResourceRules } from './resource-rules.ts';
import { schedulingRules } from './scheduling.ts';
import { storageRules } from './storage.ts';

/** The rules of the built-in resources, by group and resource. */
const rules: Readonly<Record<string, Readonly<Record<string, ResourceRules>>>> = {
  'coordination.k8s.io': coordinationRules,
  'networking.k8s.io': networkingRules,
  'rbac.authorization.k8s.io': rbacRules,
  'scheduling.k8s.io': schedulingRules,
  'storage.k8s.io': storageRules,
};

/** The rules of a group's resources, by plural name; empty for a group without rules. */
export function builtinRules(group: string): Readonly<Record<string, ResourceRules>> {
  return rules[group] ?? {};
}
