import { controllerRevisionRules } from './apps/controller-revision.ts';
import { daemonSetRules } from './apps/daemon-set.ts';
import { deploymentRules } from './apps/deployment.ts';
import { replicaSetRules } from './apps/replica-set.ts';
import { statefulSetRules } from './apps/stateful-set.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of apps. */
export const appsRules: Readonly<Record<string, ResourceRules>> = {
  controllerrevisions: controllerRevisionRules,
  daemonsets: daemonSetRules,
  deployments: deploymentRules,
  replicasets: replicaSetRules,
  statefulsets: statefulSetRules,
};
