import { flowSchemaRules } from './flowcontrol/flow-schema.ts';
import { priorityLevelRules } from './flowcontrol/priority-level.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of flowcontrol.apiserver.k8s.io. */
export const flowcontrolRules: Readonly<Record<string, ResourceRules>> = {
  flowschemas: flowSchemaRules,
  prioritylevelconfigurations: priorityLevelRules,
};
