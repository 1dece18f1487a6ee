import { idOf, keyOf, type Manifest, type ObjectId, compareIds } from './manifest.ts';

/**
 * In which order objects are applied: a stage begins when all of the one before it are written. Objects of a stage do not
 * need each other, and are written at the same time.
 */
export const STAGES = [
  'definitions',
  'limits',
  'identities',
  'bindings',
  'storage',
  'services',
  'workloads',
  'others',
  'admission',
] as const;

/** Where in the order an object stands. */
export type Stage = (typeof STAGES)[number];

/** `KIND` or `KIND.GROUP` of built-in kinds; what is in none of them is among `others`. */
const KINDS: Readonly<Record<Exclude<Stage, 'others'>, readonly string[]>> = {
  // what other objects are in, or are of
  definitions: ['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io'],
  // what is looked at when others are admitted
  limits: [
    'LimitRange',
    'ResourceQuota',
    'PriorityClass.scheduling.k8s.io',
    'RuntimeClass.node.k8s.io',
    'NetworkPolicy.networking.k8s.io',
  ],
  identities: [
    'ServiceAccount',
    'ConfigMap',
    'Role.rbac.authorization.k8s.io',
    'ClusterRole.rbac.authorization.k8s.io',
  ],
  // a binding may be refused while there is no role, and a token's Secret while there is no account
  bindings: ['Secret', 'RoleBinding.rbac.authorization.k8s.io', 'ClusterRoleBinding.rbac.authorization.k8s.io'],
  storage: [
    'PersistentVolume',
    'PersistentVolumeClaim',
    'CSIDriver.storage.k8s.io',
    'VolumeAttributesClass.storage.k8s.io',
  ],
  // containers have the addresses of those that were there before them in their environment
  services: ['Service', 'Endpoints', 'EndpointSlice.discovery.k8s.io'],
  workloads: [
    'Pod',
    'PodTemplate',
    'ReplicationController',
    'DaemonSet.apps',
    'Deployment.apps',
    'ReplicaSet.apps',
    'StatefulSet.apps',
    'CronJob.batch',
    'Job.batch',
    'PodDisruptionBudget.policy',
  ],
  // what may refuse or change all others, and whose servers must be there before
  admission: [
    'APIService.apiregistration.k8s.io',
    'MutatingWebhookConfiguration.admissionregistration.k8s.io',
    'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
    'MutatingAdmissionPolicy.admissionregistration.k8s.io',
    'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
    'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
    'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  ],
};

const stageOfKind: ReadonlyMap<string, Stage> = new Map(
  Object.entries(KINDS).flatMap(([stage, kinds]) => kinds.map((kind): [string, Stage] => [kind, stage as Stage])),
);

/** Where in the order an object stands. Classes of whatever kind come early: others name them. */
export function stageOf({ group, kind }: Pick<ObjectId, 'group' | 'kind'>): Stage {
  const stage = stageOfKind.get(group === '' ? kind : `${kind}.${group}`);
  return stage ?? (kind.endsWith('Class') ? 'limits' : 'others');
}

/** The manifests of a stage, by kind, namespace and name. */
export interface StagedManifests<M extends Manifest = Manifest> {
  readonly stage: Stage;
  readonly manifests: readonly M[];
}

/** The stages that there is something in, in their order. */
export function inStages<M extends Manifest>(manifests: readonly M[]): readonly StagedManifests<M>[] {
  const sorted = [...manifests].sort((a, b) => compareIds(idOf(a.configuration), idOf(b.configuration)));
  return STAGES.map((stage) => ({
    stage,
    manifests: sorted.filter(({ configuration }) => stageOf(idOf(configuration)) === stage),
  })).filter((one) => one.manifests.length > 0);
}

/** The order in which objects are removed: the other way round. */
export function compareForRemoval(a: ObjectId, b: ObjectId): number {
  return STAGES.indexOf(stageOf(b)) - STAGES.indexOf(stageOf(a)) || compareIds(a, b);
}

/** What else of the same files an object cannot be without. */
export interface Needs {
  /** Keys (`keyOf`) of its namespace, and of its kind's definition, if these are among the files. */
  of(manifest: Manifest): readonly string[];
}

/** Finds the namespaces and definitions among manifests that others of them need. */
export function needsAmong(manifests: readonly Manifest[]): Needs {
  const namespaces = new Map<string, string>();
  const definitions = new Map<string, string>();
  for (const { configuration } of manifests) {
    const id = idOf(configuration);
    if (id.kind === 'Namespace' && id.group === '') namespaces.set(id.name, keyOf(id));
    if (isDefinition(id)) definitions.set(definedKind(configuration.spec), keyOf(id));
  }
  return {
    of({ configuration }) {
      const { group, kind, namespace } = idOf(configuration);
      return [namespaces.get(namespace), definitions.get(`${kind}.${group}`)].filter((key) => key !== undefined);
    },
  };
}

/** Whether an object defines a kind. */
export function isDefinition({ group, kind }: Pick<ObjectId, 'group' | 'kind'>): boolean {
  return group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}

/** `KIND.GROUP`; what is missing is for the server to say. */
function definedKind(spec: unknown): string {
  const { group, names } = (spec ?? {}) as { readonly group?: unknown; readonly names?: { readonly kind?: unknown } };
  return `${String(names?.kind)}.${String(group)}`;
}

/** A kind that a definition among the files states: whether its objects have namespaces; undefined: it is not stated. */
export function definedScope(
  manifests: readonly Manifest[],
): (group: string, version: string, kind: string) => boolean | undefined {
  const scopes = new Map<string, boolean>();
  for (const { configuration } of manifests) {
    if (!isDefinition(idOf(configuration))) continue;
    const spec = (configuration.spec ?? {}) as { readonly scope?: unknown; readonly versions?: unknown };
    const versions = Array.isArray(spec.versions) ? (spec.versions as { readonly name?: unknown }[]) : [];
    for (const { name } of versions) scopes.set(`${definedKind(spec)}/${String(name)}`, spec.scope === 'Namespaced');
  }
  return (group, version, kind) => scopes.get(`${kind}.${group}/${version}`);
}
