import { jsonEqual, type KubeObject } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden } from '../../admission.ts';

const RESTRICTED = 'node-restriction.kubernetes.io';
/** Labels of Kubernetes' own namespaces that kubelets set, and namespaces in which they may set any. */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** A node does not steer what is scheduled to it: no taints, no labels but those that kubelets are known to set. */
export function checkNode(node: string, attributes: AdmissionAttributes): void {
  const { operation, name, object, old } = attributes;
  const refuse = (why: string): Error => admissionForbidden(attributes, why);
  if (name !== node) throw refuse(`node "${node}" is not allowed to modify node "${name}"`);
  if (operation === 'CREATE') {
    if (object!.spec?.configSource)
      throw refuse(`node "${node}" is not allowed to create pods with a non-nil configSource`);
    const labels = forbiddenLabels(object!, undefined);
    if (labels.length > 0)
      throw refuse(`node "${node}" is not allowed to set the following labels: ${labels.join(', ')}`);
  }
  if (operation === 'UPDATE') checkUpdate(node, object!, old!, refuse);
}

function checkUpdate(node: string, object: KubeObject, old: KubeObject, refuse: (why: string) => Error): void {
  const same = (a: unknown, b: unknown): boolean => jsonEqual((a ?? null) as never, (b ?? null) as never);
  const config = object.spec?.configSource;
  if (config && !same(config, old.spec?.configSource))
    throw refuse(`node "${node}" is not allowed to update configSource to a new non-nil configSource`);
  if (!same(object.spec?.taints ?? [], old.spec?.taints ?? []))
    throw refuse(`node "${node}" is not allowed to modify taints`);
  if (!same(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []))
    throw refuse(`node "${node}" is not allowed to modify ownerReferences`);
  const labels = forbiddenLabels(object, old);
  if (labels.length > 0) throw refuse(`is not allowed to modify labels: ${labels.join(', ')}`);
}

/** The labels that differ and are not for nodes to change, sorted. */
function forbiddenLabels(object: KubeObject, old: KubeObject | undefined): string[] {
  const [now, before] = [object.metadata.labels ?? {}, old?.metadata.labels ?? {}];
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((name) => now[name] !== before[name] && isForbidden(name)).sort();
}

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const namespace = slash < 0 ? '' : label.slice(0, slash);
  if (isWithin(namespace, RESTRICTED)) return true;
  if (!isWithin(namespace, 'kubernetes.io') && !isWithin(namespace, 'k8s.io')) return false;
  return !KUBELET_LABELS.has(label) && !KUBELET_NAMESPACES.some((allowed) => isWithin(namespace, allowed));
}

function isWithin(namespace: string, parent: string): boolean {
  return namespace === parent || namespace.endsWith(`.${parent}`);
}
