import type { Kind, ServedKind } from './kinds.ts';

/**
 * The kinds that every server of Kubernetes 1.36 has, so that nobody is asked for them: by version those that have
 * namespaces, and those that have none. `nekube/api` knows more of them, and takes longer to load.
 */
const KINDS: Readonly<Record<string, readonly [namespaced: string, cluster: string]>> = {
  v1: [
    'Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret ServiceAccount Service',
    'ComponentStatus Namespace Node PersistentVolume',
  ],
  'admissionregistration.k8s.io/v1': [
    '',
    'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io/v1': ['', 'CustomResourceDefinition'],
  'apiregistration.k8s.io/v1': ['', 'APIService'],
  'apps/v1': ['ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet', ''],
  'authentication.k8s.io/v1': ['', 'SelfSubjectReview TokenReview'],
  'authorization.k8s.io/v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  ],
  'autoscaling/v1': ['HorizontalPodAutoscaler', ''],
  'autoscaling/v2': ['HorizontalPodAutoscaler', ''],
  'batch/v1': ['CronJob Job', ''],
  'certificates.k8s.io/v1': ['', 'CertificateSigningRequest'],
  'coordination.k8s.io/v1': ['Lease', ''],
  'discovery.k8s.io/v1': ['EndpointSlice', ''],
  'events.k8s.io/v1': ['Event', ''],
  'flowcontrol.apiserver.k8s.io/v1': ['', 'FlowSchema PriorityLevelConfiguration'],
  'networking.k8s.io/v1': ['Ingress NetworkPolicy', 'IngressClass IPAddress ServiceCIDR'],
  'node.k8s.io/v1': ['', 'RuntimeClass'],
  'policy/v1': ['PodDisruptionBudget', ''],
  'rbac.authorization.k8s.io/v1': ['RoleBinding Role', 'ClusterRoleBinding ClusterRole'],
  'resource.k8s.io/v1': ['ResourceClaim ResourceClaimTemplate', 'DeviceClass ResourceSlice'],
  'scheduling.k8s.io/v1': ['', 'PriorityClass'],
  'storage.k8s.io/v1': ['CSIStorageCapacity', 'CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass'],
};

/** How a built-in kind is served; undefined for all others. */
export function builtinKind({ apiVersion, kind }: Kind): ServedKind | undefined {
  if (!Object.hasOwn(KINDS, apiVersion)) return undefined;
  const [namespaced, cluster] = KINDS[apiVersion]!;
  const has = (kinds: string): boolean => kinds.split(' ').includes(kind);
  if (kind === '' || !(has(namespaced) || has(cluster))) return undefined;
  return { apiVersion, kind, resource: pluralOf(kind), namespaced: has(namespaced) };
}

/** All of them. */
export function builtinKinds(): ServedKind[] {
  return Object.entries(KINDS).flatMap(([apiVersion, [namespaced, cluster]]) =>
    `${namespaced} ${cluster}`
      .trim()
      .split(' ')
      .map((kind) => builtinKind({ apiVersion, kind })!),
  );
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word === 'endpoints') return word;
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
