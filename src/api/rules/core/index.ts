import type { ResourceRules } from '../resource-rules.ts';
import { bindingRules } from './binding.ts';
import { configMapRules } from './config-map.ts';
import { endpointsRules } from './endpoints.ts';
import { eventRules } from './event.ts';
import { limitRangeRules } from './limit-range.ts';
import { namespaceRules } from './namespace.ts';
import { nodeRules } from './node.ts';
import { persistentVolumeRules } from './persistent-volume.ts';
import { persistentVolumeClaimRules } from './persistent-volume-claim.ts';
import { podRules } from './pod.ts';
import { podTemplateRules } from './pod-templates.ts';
import { replicationControllerRules } from './replication-controller.ts';
import { resourceQuotaRules } from './resource-quota.ts';
import { secretRules } from './secret.ts';
import { serviceRules } from './service.ts';
import { serviceAccountRules } from './service-account.ts';

/** The rules of the core group, by resource. Component statuses have none: they are read only. */
export const coreRules: Readonly<Record<string, ResourceRules>> = {
  bindings: bindingRules,
  configmaps: configMapRules,
  endpoints: endpointsRules,
  events: eventRules,
  limitranges: limitRangeRules,
  namespaces: namespaceRules,
  nodes: nodeRules,
  persistentvolumeclaims: persistentVolumeClaimRules,
  persistentvolumes: persistentVolumeRules,
  pods: podRules,
  podtemplates: podTemplateRules,
  replicationcontrollers: replicationControllerRules,
  resourcequotas: resourceQuotaRules,
  secrets: secretRules,
  serviceaccounts: serviceAccountRules,
  services: serviceRules,
};
