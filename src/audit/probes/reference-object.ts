import { isJsonObject, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { servedSubject } from './definition.ts';
import { readinessStatus } from './readiness-status.ts';
import { another, exampleOf, leavesOf, withLeaf } from './spec-variants.ts';
import type { Subject } from './subject.ts';
import { withTakenSample } from './taken-sample.ts';

/** Keys that programs look for in Secrets and ConfigMaps. */
export const KEYS: readonly string[] = [
  'audit',
  'key',
  'password',
  'username',
  'token',
  'config',
  'data',
  'value',
  'ca.crt',
  'tls.crt',
  'tls.key',
];

const LABELS = { app: 'audit-reference' };
const POD = {
  metadata: { labels: LABELS },
  spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'audit:1' }] },
};
const RULE = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const DATA = Object.fromEntries(KEYS.map((key) => [key, 'one']));
const WORKLOAD = { selector: { matchLabels: LABELS }, template: POD };
const JOB = { template: { spec: { ...POD.spec, restartPolicy: 'Never' } } };

/** The least that the server takes of built-in kinds of which something must be said, besides their names. */
const BODIES: Readonly<Record<string, JsonObject>> = {
  '/secrets': { stringData: DATA },
  '/configmaps': { data: DATA },
  '/services': { spec: { selector: LABELS, ports: [{ port: 80 }] } },
  '/pods': { spec: POD.spec },
  '/persistentvolumeclaims': {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  'apps/deployments': { spec: WORKLOAD },
  'apps/statefulsets': { spec: { ...WORKLOAD, serviceName: 'audit-reference' } },
  'apps/daemonsets': { spec: WORKLOAD },
  'apps/replicasets': { spec: WORKLOAD },
  'batch/jobs': { spec: JOB },
  'batch/cronjobs': { spec: { schedule: '0 0 * * *', jobTemplate: { spec: JOB } } },
  'networking.k8s.io/ingresses': { spec: { defaultBackend: { service: { name: 'audit', port: { number: 80 } } } } },
  'networking.k8s.io/networkpolicies': { spec: { podSelector: {} } },
  'networking.k8s.io/ingressclasses': { spec: { controller: 'audit.nekube.dev/none' } },
  'policy/poddisruptionbudgets': { spec: { minAvailable: 0, selector: { matchLabels: LABELS } } },
  'autoscaling/horizontalpodautoscalers': {
    spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'audit' } },
  },
  'discovery.k8s.io/endpointslices': { addressType: 'IPv4', endpoints: [] },
  'storage.k8s.io/storageclasses': { provisioner: 'audit.nekube.dev/none' },
  'scheduling.k8s.io/priorityclasses': { value: 1 },
  'rbac.authorization.k8s.io/rolebindings': { roleRef: RULE },
  'rbac.authorization.k8s.io/clusterrolebindings': { roleRef: RULE },
};

/** What an object of some kind can be made of. */
export interface Template {
  readonly apiVersion: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  /** Whether its kind is one that a CustomResourceDefinition defines. */
  readonly isCustom: boolean;
  /** All but kind and metadata; the first that the server takes. */
  readonly bodies: readonly JsonObject[];
  /** Of the spec, of a custom resource. */
  readonly schema?: JsonObject;
}

/**
 * How an object of a resource could look; undefined: the server does not serve it, or none can be made.
 *
 * @param samples how custom resources look that are known; else one that is there says it, or the schema
 */
export async function templateOf(
  client: Client,
  group: string,
  resource: string,
  samples: readonly KubeObject[] = [],
): Promise<Template | undefined> {
  const served = await servedKind(client, group, resource);
  if (served === undefined) return undefined;
  const { apiVersion, kind, isNamespaced } = served;
  const common = { apiVersion, kind, isNamespaced };
  const body = BODIES[`${group}/${resource}`];
  if (body !== undefined) return { ...common, isCustom: false, bodies: [body] };
  if (group === '' || isBuiltIn(group)) return { ...common, isCustom: false, bodies: [{}] };
  const subject = await servedSubject(client, { apiVersion, kind, metadata: {} });
  const { schema } = subject;
  const { items } = await client.list({ apiVersion, kind }, { limit: 1 });
  const known = samples.filter((one) => one.apiVersion === apiVersion && one.kind === kind);
  const shown = [...known, ...items].map(({ spec }) => spec).filter(isJsonObject);
  // what a schema allows the server may refuse, as it may the sample of a kind that is probed
  const made =
    shown.length > 0 || schema === undefined ? subject : await withTakenSample(client, madeBy(subject, schema));
  const examples = [...shown, made.sample.spec, schema && exampleOf(schema)].filter(isJsonObject);
  const bodies = [...examples.map((spec) => ({ spec })), { spec: {} }, {}];
  return { ...common, isCustom: true, bodies, ...(schema && { schema }) };
}

function madeBy(subject: Subject, schema: JsonObject): Subject {
  return { ...subject, sample: { ...subject.sample, spec: exampleOf(schema) } };
}

/** Groups of one word, and those of Kubernetes. */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || (/(^|\.)k8s\.io$/.test(group) && group !== 'gateway.networking.k8s.io');
}

interface Served {
  readonly apiVersion: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

async function servedKind(client: Client, group: string, resource: string): Promise<Served | undefined> {
  try {
    const ask = async (path: string) => (await client.raw({ method: 'GET', path, headers: {} })) as JsonObject;
    const { preferredVersion } = group === '' ? {} : await ask(`/apis/${group}`);
    const { groupVersion = 'v1' } = (preferredVersion ?? {}) as { readonly groupVersion?: string };
    const { resources } = (await ask(group === '' ? '/api/v1' : `/apis/${groupVersion}`)) as unknown as {
      readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
    };
    const found = resources.find(({ name }) => name === resource);
    return found && { apiVersion: groupVersion, kind: found.kind, isNamespaced: found.namespaced };
  } catch {
    return undefined;
  }
}

/** A patch with which an object says something else. */
export function changeOf(object: KubeObject, { schema }: Pick<Template, 'schema'>): JsonObject {
  const metadata = { labels: { 'audit.nekube.dev/changed': 'true' } };
  if (object.kind === 'Secret' || object.kind === 'ConfigMap')
    return { data: Object.fromEntries(KEYS.map((key) => [key, 'dHdv'])) };
  const { spec } = object;
  if (!isJsonObject(spec) || schema === undefined) return { metadata };
  const leaves = leavesOf(spec, schema).filter(({ value }) => value !== undefined);
  const changed = leaves.reduce<JsonObject>((now, leaf) => {
    const value = another(leaf);
    return value === undefined ? now : (withLeaf(now, leaf.path, value) as JsonObject);
  }, spec);
  return { metadata, spec: changed };
}

/** The status with which it says that it is ready; undefined: it has none. */
export function readyStatusOf(object: KubeObject): JsonObject | undefined {
  return readinessStatus(object as unknown as JsonObject, true);
}
