import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';

/** An object that another one names. */
export interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Empty: its kind has no namespaces. */
  readonly namespace: string;
  /** Where it is named, as in `spec.volumes[0].secret.secretName`. */
  readonly path: string;
}

/** Objects that another one means by their labels. */
export interface Selection {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  /** As in a request: `app=web,tier in (a,b)`. */
  readonly labelSelector: string;
  readonly path: string;
}

/** What the object names, each once for each place. Owners are not in it: they are a tree of their own. */
export function referencesOf(object: KubeObject): Reference[] {
  const found: Reference[] = [];
  const { namespace = '' } = object.metadata;
  const top = object as unknown as JsonObject;
  for (const part of [
    'spec',
    'roleRef',
    'subjects',
    'webhooks',
    'endpoints',
    'secrets',
    'imagePullSecrets',
    'involvedObject',
  ])
    walk(top[part], [part], { found, namespace });
  return found.filter(({ name }) => name !== '');
}

interface Walk {
  readonly found: Reference[];
  readonly namespace: string;
}

/** Fields that name an object of a kind by a text, wherever they stand. */
const NAMING_TEXTS: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  secretName: ['', 'Secret'],
  configMapName: ['', 'ConfigMap'],
  serviceName: ['', 'Service'],
  serviceAccountName: ['', 'ServiceAccount'],
  claimName: ['', 'PersistentVolumeClaim'],
  volumeName: ['', 'PersistentVolume'],
  nodeName: ['', 'Node'],
  storageClassName: ['storage.k8s.io', 'StorageClass'],
  priorityClassName: ['scheduling.k8s.io', 'PriorityClass'],
  runtimeClassName: ['node.k8s.io', 'RuntimeClass'],
  ingressClassName: ['networking.k8s.io', 'IngressClass'],
  gatewayClassName: ['gateway.networking.k8s.io', 'GatewayClass'],
};

/** Fields that hold `{name, …}` of an object of a kind. */
const NAMING_PARTS: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  configMapRef: ['', 'ConfigMap'],
  configMapKeyRef: ['', 'ConfigMap'],
  configMap: ['', 'ConfigMap'],
  secretRef: ['', 'Secret'],
  secretKeyRef: ['', 'Secret'],
  secret: ['', 'Secret'],
  service: ['', 'Service'],
  imagePullSecrets: ['', 'Secret'],
  secrets: ['', 'Secret'],
  nodePublishSecretRef: ['', 'Secret'],
  parentRefs: ['gateway.networking.k8s.io', 'Gateway'],
  backendRefs: ['', 'Service'],
  certificateRefs: ['', 'Secret'],
};

/** What fields of custom kinds are called by convention that name such an object: `tokenSecretRef`, `adminPasswordSecretKeyRef`. */
const NAMING_REFS = /(secret|configmap|service|serviceaccount)(?:key)?ref$/i;
const REFERRED: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  secret: ['', 'Secret'],
  configmap: ['', 'ConfigMap'],
  service: ['', 'Service'],
  serviceaccount: ['', 'ServiceAccount'],
};

/** The kind of what a field holds `{name, …}` of. */
function kindByField(field: string): readonly [group: string, kind: string] | undefined {
  return NAMING_PARTS[field] ?? REFERRED[NAMING_REFS.exec(field)?.[1]?.toLowerCase() ?? ''];
}

const CLUSTER_WIDE = new Set([
  'Node',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'RuntimeClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRole',
  'Namespace',
]);

function walk(value: JsonValue | undefined, path: readonly (string | number)[], all: Walk): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) walk(item, [...path, i], all);
    return;
  }
  if (!isObject(value)) return;
  const own = referenceIn(value, path, all);
  if (own !== undefined) all.found.push(own);
  for (const [field, below] of Object.entries(value)) {
    const at = [...path, field];
    const named = NAMING_TEXTS[field];
    if (named !== undefined && typeof below === 'string') all.found.push(reference(named, below, all.namespace, at));
    walk(below, at, all);
  }
}

/** An object that is itself a reference: by its own `kind` and `name`, or by what the field it is in holds. */
function referenceIn(value: JsonObject, path: readonly (string | number)[], all: Walk): Reference | undefined {
  const field = path.findLast((step) => typeof step === 'string') as string;
  const name = text(value.name);
  if (name === '') return undefined;
  const known = kindByField(field);
  const namespace = text(value.namespace) || all.namespace;
  if (typeof value.kind === 'string' && (isRef(field) || known !== undefined)) {
    const group =
      typeof value.apiVersion === 'string' ? groupOf(value.apiVersion) : text(value.group ?? value.apiGroup);
    return reference([group, value.kind], name, namespace, path);
  }
  return known === undefined ? undefined : reference(known, name, namespace, path);
}

/** `scaleTargetRef`, `targetRef`, `roleRef`, `subjects`, `claimRef`, `dataSource`: what custom kinds call so, too. */
function isRef(field: string): boolean {
  return /(ref|refs|reference|references|source)$/i.test(field) || field === 'subjects' || field === 'involvedObject';
}

function reference(
  [group, kind]: readonly [string, string],
  name: string,
  namespace: string,
  path: readonly (string | number)[],
): Reference {
  return { group, kind, name, namespace: CLUSTER_WIDE.has(kind) ? '' : namespace, path: pathText(path) };
}

function groupOf(apiVersion: string): string {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? '' : group;
}

/** Which objects the object means by their labels. What a workload selects is below it in the tree of owners. */
export function selectionsOf(object: KubeObject): Selection[] {
  const { kind, metadata, spec } = object as KubeObject & { readonly spec?: JsonObject };
  const namespace = metadata.namespace ?? '';
  const pods = (selector: JsonValue | undefined, path: string, simple = false): Selection[] => {
    const labelSelector = simple ? simpleSelector(selector) : selectorText(selector);
    return labelSelector === undefined ? [] : [{ group: '', kind: 'Pod', namespace, labelSelector, path }];
  };
  if (kind === 'Service') {
    const slices = { group: 'discovery.k8s.io', kind: 'EndpointSlice', namespace };
    const labelSelector = `kubernetes.io/service-name=${metadata.name}`;
    return [...pods(spec?.selector, 'spec.selector', true), { ...slices, labelSelector, path: 'metadata.name' }];
  }
  if (kind === 'NetworkPolicy') return pods(spec?.podSelector, 'spec.podSelector');
  if (kind === 'PodDisruptionBudget') return pods(spec?.selector, 'spec.selector');
  if (kind === 'ReplicationController') return pods(spec?.selector, 'spec.selector', true);
  if (['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind ?? ''))
    return pods(spec?.selector, 'spec.selector');
  return [];
}

/** `{app: web}` as a request has it; undefined: it means nothing. */
function simpleSelector(labels: JsonValue | undefined): string | undefined {
  if (!isObject(labels) || Object.keys(labels).length === 0) return undefined;
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(',');
}

/** `{matchLabels, matchExpressions}` as a request has it; an empty one means all. Undefined: there is none. */
export function selectorText(selector: JsonValue | undefined): string | undefined {
  if (!isObject(selector)) return undefined;
  const labels = simpleSelector(selector.matchLabels);
  const terms = listOf(selector.matchExpressions).map((one) => {
    const { key, operator, values } = part(one);
    const among = `(${listOf(values).map(text).join(',')})`;
    if (operator === 'In') return `${text(key)} in ${among}`;
    if (operator === 'NotIn') return `${text(key)} notin ${among}`;
    return operator === 'DoesNotExist' ? `!${text(key)}` : text(key);
  });
  return [...(labels === undefined ? [] : [labels]), ...terms].join(',');
}

/** Whether labels have all that a simple selector wants. */
export function isSelected(labels: JsonValue | undefined, selector: JsonValue | undefined): boolean {
  if (!isObject(selector) || Object.keys(selector).length === 0) return false;
  const have = part(labels);
  return Object.entries(selector).every(([name, value]) => have[name] === value);
}

/** `spec.ports[0].name`, as errors of the server name fields. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((sofar, step) => {
    if (typeof step === 'number') return `${sofar}[${step}]`;
    if (/^[A-Za-z_][\w-]*$/.test(step)) return sofar === '' ? step : `${sofar}.${step}`;
    return `${sofar}[${step}]`;
  }, '');
}

/** Kinds whose objects may name one of a kind: where to look for who uses it. */
export function usersOf(group: string, kind: string): readonly (readonly [group: string, kind: string])[] {
  const workloads = [
    ['', 'Pod'],
    ['apps', 'Deployment'],
    ['apps', 'StatefulSet'],
    ['apps', 'DaemonSet'],
    ['batch', 'CronJob'],
    ['batch', 'Job'],
  ] as const;
  const known: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    ConfigMap: workloads,
    Secret: [
      ...workloads,
      ['', 'ServiceAccount'],
      ['networking.k8s.io', 'Ingress'],
      ['gateway.networking.k8s.io', 'Gateway'],
    ],
    PersistentVolumeClaim: [
      ['', 'Pod'],
      ['', 'PersistentVolume'],
    ],
    PersistentVolume: [['', 'PersistentVolumeClaim']],
    'StorageClass.storage.k8s.io': [
      ['', 'PersistentVolumeClaim'],
      ['', 'PersistentVolume'],
    ],
    ServiceAccount: [
      ...workloads,
      ['rbac.authorization.k8s.io', 'RoleBinding'],
      ['rbac.authorization.k8s.io', 'ClusterRoleBinding'],
    ],
    Service: [
      ['networking.k8s.io', 'Ingress'],
      ['gateway.networking.k8s.io', 'HTTPRoute'],
      ['apps', 'StatefulSet'],
    ],
    Node: [['', 'Pod']],
    'Role.rbac.authorization.k8s.io': [['rbac.authorization.k8s.io', 'RoleBinding']],
    'ClusterRole.rbac.authorization.k8s.io': [
      ['rbac.authorization.k8s.io', 'ClusterRoleBinding'],
      ['rbac.authorization.k8s.io', 'RoleBinding'],
    ],
    'Deployment.apps': [['autoscaling', 'HorizontalPodAutoscaler']],
    'StatefulSet.apps': [['autoscaling', 'HorizontalPodAutoscaler']],
    'ReplicaSet.apps': [['autoscaling', 'HorizontalPodAutoscaler']],
    'PriorityClass.scheduling.k8s.io': [['', 'Pod']],
    'IngressClass.networking.k8s.io': [['networking.k8s.io', 'Ingress']],
    'Gateway.gateway.networking.k8s.io': [['gateway.networking.k8s.io', 'HTTPRoute']],
    'GatewayClass.gateway.networking.k8s.io': [['gateway.networking.k8s.io', 'Gateway']],
  };
  return known[group === '' ? kind : `${kind}.${group}`] ?? [];
}

/** Whether a reference is to the object. */
export function isTo(ref: Reference, { group, kind, namespace, name }: Omit<Reference, 'path'>): boolean {
  return ref.kind === kind && ref.name === name && ref.group === group && ref.namespace === namespace;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function part(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
