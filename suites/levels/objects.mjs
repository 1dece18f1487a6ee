// The kinds and objects that behaviours are about.

export const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
export const SECRET = { apiVersion: 'v1', kind: 'Secret' };
export const POD = { apiVersion: 'v1', kind: 'Pod' };
export const SERVICE = { apiVersion: 'v1', kind: 'Service' };
export const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
export const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };
export const QUOTA = { apiVersion: 'v1', kind: 'ResourceQuota' };
export const LIMIT_RANGE = { apiVersion: 'v1', kind: 'LimitRange' };
export const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
export const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
export const EVENT = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
export const PDB = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
export const ROLE = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' };
export const ROLE_BINDING = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' };
export const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
export const CSR = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
const ADMISSION = 'admissionregistration.k8s.io/v1';
export const POLICY = { apiVersion: ADMISSION, kind: 'ValidatingAdmissionPolicy' };
export const POLICY_BINDING = { apiVersion: ADMISSION, kind: 'ValidatingAdmissionPolicyBinding' };
export const VALIDATING_WEBHOOKS = { apiVersion: ADMISSION, kind: 'ValidatingWebhookConfiguration' };
export const MUTATING_WEBHOOKS = { apiVersion: ADMISSION, kind: 'MutatingWebhookConfiguration' };

/** A kind of a behaviour's own. */
export const WIDGET = { apiVersion: '{{id}}.example.com/v1', kind: 'Widget' };

/** A behaviour: a sentence, and its steps: `['create', object]`, or functions of the world. */
export function behaviour(name, ...steps) {
  return { name, steps };
}

/** An object of a kind; `rest` is all but its metadata, or has more of that. */
export function make(kind, name, { metadata, ...rest } = {}) {
  return { ...kind, metadata: { ...(name && { name }), ...metadata }, ...rest };
}

export function configMap(name, data = { a: '1' }, metadata = {}) {
  return make(CONFIG_MAP, name, { metadata, data });
}

export function pod(name, { containers = [{ name: 'main', image: 'nginx:1' }], metadata, ...spec } = {}) {
  return make(POD, name, { metadata, spec: { containers, ...spec } });
}

export function deployment(name, { replicas = 1, containers = [{ name: 'web', image: 'nginx:1' }], metadata } = {}) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers } };
  return make(DEPLOYMENT, name, { metadata, spec: { replicas, selector: { matchLabels: labels }, template } });
}

/** A definition of Widget whose spec has the properties; `version` is more of its one version, `spec` more of its spec. */
export function definition(properties, { version = {}, spec = {}, rules, status = { type: 'object' } } = {}) {
  const specSchema = { type: 'object', properties, ...(rules && { 'x-kubernetes-validations': rules }) };
  const openAPIV3Schema = { type: 'object', properties: { spec: specSchema, status } };
  const names = { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }];
  return make(CRD, 'widgets.{{id}}.example.com', {
    spec: { group: '{{id}}.example.com', scope: 'Namespaced', names, versions, ...spec },
  });
}

export function widget(name, spec, metadata = {}) {
  return make(WIDGET, name, { metadata, spec });
}

/** Steps that define Widget and wait until it is served; that is not what the behaviour is about. */
export function defined(crd) {
  return async (world) => {
    const object = world.fill(crd);
    await world.client.create(object);
    world.later(() => world.client.delete(CRD, { name: object.metadata.name }));
    await world.served(world.fill(WIDGET));
  };
}
