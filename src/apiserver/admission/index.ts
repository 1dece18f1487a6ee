/**
 * The built-in admission plugins, by the names that kube-apiserver's flags have for them.
 *
 * What it does not do: ImagePolicyWebhook, which is nothing without a webhook of its own, is not there.
 */
import type { AdmissionPlugin } from '../admission.ts';
import { alwaysAdmit, alwaysDeny } from './always.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { limitPodHardAntiAffinityTopology } from './anti-affinity.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts';
import { persistentVolumeClaimResize } from './claim-resize.ts';
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { denyServiceExternalIps } from './external-ips.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { namespaceAutoProvision, namespaceExists } from './namespaces.ts';
import { nodeRestriction } from './node-restriction/index.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { defaultTolerationSeconds, taintNodesByCondition } from './node-readiness.ts';
import { ownerReferencesPermission } from './owner-references.ts';
import { podNodeSelector } from './pod-node-selector.ts';
import { podResizeValidator } from './pod-resize.ts';
import { mutatingPolicies } from './policy/mutating.ts';
import { validatingPolicies } from './policy/validating.ts';
import type { PluginDeps } from './plugin-deps.ts';
import { podSecurity } from './pod-security/index.ts';
import { podTolerationRestriction } from './pod-toleration-restriction.ts';
import { podPriority } from './priority.ts';
import { resourceQuota } from './quota/index.ts';
import { runtimeClass } from './runtime-class.ts';
import { isEnabled, type PluginSelection } from './selection.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-protection.ts';
import { podTopologyLabels } from './topology-labels.ts';
import { mutatingWebhooks } from './webhook/mutating.ts';
import { validatingWebhooks } from './webhook/validating.ts';

/** Makes a plugin for a server. */
type Maker = (deps: PluginDeps) => AdmissionPlugin;

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['AlwaysAdmit', () => alwaysAdmit],
  ['NamespaceAutoProvision', namespaceAutoProvision],
  ['NamespaceLifecycle', namespaceLifecycle],
  ['NamespaceExists', namespaceExists],
  ['LimitPodHardAntiAffinityTopology', () => limitPodHardAntiAffinityTopology],
  ['LimitRanger', limitRanger],
  ['ServiceAccount', serviceAccount],
  ['NodeRestriction', nodeRestriction],
  ['TaintNodesByCondition', () => taintNodesByCondition],
  ['AlwaysPullImages', () => alwaysPullImages],
  ['PodSecurity', podSecurity],
  ['PodNodeSelector', podNodeSelector],
  ['Priority', podPriority],
  ['DefaultTolerationSeconds', () => defaultTolerationSeconds],
  ['PodTolerationRestriction', podTolerationRestriction],
  ['EventRateLimit', eventRateLimit],
  ['ExtendedResourceToleration', () => extendedResourceToleration],
  ['DefaultStorageClass', defaultStorageClass],
  ['StorageObjectInUseProtection', () => storageObjectInUseProtection],
  ['OwnerReferencesPermissionEnforcement', ownerReferencesPermission],
  ['PersistentVolumeClaimResize', persistentVolumeClaimResize],
  ['RuntimeClass', runtimeClass],
  ['CertificateApproval', certificateApproval],
  ['CertificateSigning', certificateSigning],
  ['CertificateSubjectRestriction', () => certificateSubjectRestriction],
  ['DefaultIngressClass', defaultIngressClass],
  ['DenyServiceExternalIPs', () => denyServiceExternalIps],
  ['PodTopologyLabels', podTopologyLabels],
  ['NodeDeclaredFeatureValidator', nodeDeclaredFeatures],
  ['PodResizeValidator', podResizeValidator],
  ['MutatingAdmissionPolicy', mutatingPolicies],
  ['MutatingAdmissionWebhook', mutatingWebhooks],
  ['ValidatingAdmissionPolicy', validatingPolicies],
  ['ValidatingAdmissionWebhook', validatingWebhooks],
  ['ResourceQuota', resourceQuota],
  ['AlwaysDeny', () => alwaysDeny],
]);

/** The plugins of a new server's chain, without those that are off. */
export function pluginsOf(deps: PluginDeps, selection: PluginSelection): AdmissionPlugin[] {
  return [...MAKERS].filter(([name]) => isEnabled(name, selection)).map(([, make]) => make(deps));
}
