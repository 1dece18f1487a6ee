import { admissionregistrationRules } from './admissionregistration.ts';
import { apiextensionsRules } from './apiextensions.ts';
import { apiregistrationRules } from './apiregistration.ts';
import { appsRules } from './apps.ts';
import { authenticationRules } from './authentication.ts';
import { authorizationRules } from './authorization.ts';
import { autoscalingRules } from './autoscaling.ts';
import { batchRules } from './batch.ts';
import { certificatesRules } from './certificates.ts';
import { coordinationRules } from './coordination.ts';
import { coreRules } from './core/index.ts';
import { discoveryRules } from './discovery.ts';
import { eventsRules } from './events.ts';
import { flowcontrolRules } from './flowcontrol.ts';
import { networkingRules } from './networking.ts';
import { nodeRules } from './node.ts';
import { policyRules } from './policy.ts';
import { rbacRules } from './rbac.ts';
import type { ResourceRules } from './resource-rules.ts';
import { resourceRules } from './resource.ts';
import { schedulingRules } from './scheduling.ts';
import { storageRules } from './storage.ts';

/** The rules of the built-in resources, by group and resource. */
const rules: Readonly<Record<string, Readonly<Record<string, ResourceRules>>>> = {
  '': coreRules,
  'admissionregistration.k8s.io': admissionregistrationRules,
  'apiextensions.k8s.io': apiextensionsRules,
  'apiregistration.k8s.io': apiregistrationRules,
  apps: appsRules,
  'authentication.k8s.io': authenticationRules,
  'authorization.k8s.io': authorizationRules,
  autoscaling: autoscalingRules,
  batch: batchRules,
  'certificates.k8s.io': certificatesRules,
  'coordination.k8s.io': coordinationRules,
  'discovery.k8s.io': discoveryRules,
  'events.k8s.io': eventsRules,
  'flowcontrol.apiserver.k8s.io': flowcontrolRules,
  'networking.k8s.io': networkingRules,
  'node.k8s.io': nodeRules,
  policy: policyRules,
  'rbac.authorization.k8s.io': rbacRules,
  'resource.k8s.io': resourceRules,
  'scheduling.k8s.io': schedulingRules,
  'storage.k8s.io': storageRules,
};

/** The rules of a group's resources, by plural name; empty for a group without rules. */
export function builtinRules(group: string): Readonly<Record<string, ResourceRules>> {
  return rules[group] ?? {};
}
