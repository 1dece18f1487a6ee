import { jsonEqual, type KubeObject, newNotFound, type OwnerReference } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { refersTo } from '../references.ts';

const MIRROR = 'kubernetes.io/config.mirror';

/** Nodes make and delete the pods that mirror their static ones. */
export async function checkPod(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { operation } = attributes;
  if (operation === 'CREATE') return checkMirror(deps, node, attributes);
  if (operation === 'DELETE') {
    const pod = await podNamed(deps, attributes);
    if (pod.spec.nodeName === node) return;
    throw admissionForbidden(attributes, `node "${node}" can only delete pods with spec.nodeName set to itself`);
  }
  const why = `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`;
  throw admissionForbidden(attributes, why);
}

async function podNamed(
  { store, resources }: PluginDeps,
  { namespace, name }: AdmissionAttributes,
): Promise<KubeObject> {
  const pod = await store.head(resources.builtin('', 'v1', 'pods'), namespace, name);
  if (pod === undefined) throw newNotFound({ group: '', resource: 'pod' }, name);
  return pod;
}

async function checkMirror(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { metadata, spec } = attributes.object!;
  const refuse = (why: string): Error => admissionForbidden(attributes, why);
  if (metadata.annotations?.[MIRROR] === undefined)
    throw refuse(`pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`);
  if (spec.nodeName !== node) throw refuse(`node "${node}" can only create pods with spec.nodeName set to itself`);
  const [owner, second] = metadata.ownerReferences ?? [];
  if (second !== undefined)
    throw refuse(`node "${node}" can only create pods with a single owner reference set to itself`);
  if (owner === undefined || !isNode(owner, node))
    throw refuse(`node "${node}" can only create pods with an owner reference set to itself`);
  if (!owner.controller)
    throw refuse(`node "${node}" can only create pods with a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion) throw refuse(`node "${node}" must not set blockOwnerDeletion on an owner reference`);
  const found = await deps.store.head(deps.resources.builtin('', 'v1', 'nodes'), '', node);
  if (found === undefined) throw newNotFound({ group: '', resource: 'node' }, node);
  if (owner.uid !== found.metadata.uid)
    throw refuse(`node ${node} UID mismatch: expected ${owner.uid} got ${found.metadata.uid}`);
  const reference = referenceIn(spec);
  if (reference !== undefined) throw refuse(`node "${node}" can not create pods that reference ${reference}`);
}

function isNode({ apiVersion, kind, name }: OwnerReference, node: string): boolean {
  return apiVersion === 'v1' && kind === 'Node' && name === node;
}

/** What the volumes of a pod refer to, by the field that does. */
const VOLUMES: Readonly<Record<string, string>> = {
  csi: 'csidrivers (via CSI volumes)',
  glusterfs: 'endpoints (via glusterFS volumes)',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
  azureFile: 'secrets (via azureFile volumes)',
};
const SOURCES: Readonly<Record<string, string>> = {
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
};

/** The first object of the API that a pod needs; undefined if it needs none. */
function referenceIn(spec: KubeObject['spec']): string | undefined {
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (refersTo('secrets', spec)) return 'secrets';
  if (refersTo('configmaps', spec)) return 'configmaps';
  if ((spec.resourceClaims ?? []).length > 0) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const found =
      firstOf(VOLUMES, volume) ??
      (volume.projected?.sources ?? []).map((source: object) => firstOf(SOURCES, source)).find((one?: string) => one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf(names: Readonly<Record<string, string>>, object: object): string | undefined {
  return Object.entries(names).find(([field]) => field in object)?.[1];
}

/** Nodes tell how their pods are, and change nothing else by it. */
export function checkPodStatus(node: string, attributes: AdmissionAttributes): void {
  const { operation, object, old } = attributes;
  if (operation !== 'UPDATE') throw admissionForbidden(attributes, `unexpected operation "${operation}"`);
  if (old!.spec.nodeName !== node) {
    const why = `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
    throw admissionForbidden(attributes, why);
  }
  const differ = (read: (pod: KubeObject) => unknown): boolean =>
    !jsonEqual((read(object!) ?? null) as never, (read(old!) ?? null) as never);
  if (differ(({ metadata }) => metadata.labels ?? {}))
    throw admissionForbidden(attributes, `node "${node}" cannot update labels through pod status`);
  if (differ(({ status }) => status?.resourceClaimStatuses ?? []))
    throw admissionForbidden(attributes, `node "${node}" cannot update resource claim statues`);
  if (differ(({ status }) => status?.extendedResourceClaimStatus))
    throw admissionForbidden(attributes, `node "${node}" cannot update extended resource claim status`);
}

/** Nodes evict what runs on them. */
export async function checkEviction(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { operation, name, object } = attributes;
  if (operation !== 'CREATE') throw admissionForbidden(attributes, `unexpected operation ${operation}`);
  const podName = name || (object!.metadata.name ?? '');
  if (podName === '') throw admissionForbidden(attributes, 'could not determine pod from request data');
  const pod = await podNamed(deps, { ...attributes, name: podName });
  if (pod.spec.nodeName === node) return;
  throw admissionForbidden(attributes, `node ${node} can only evict pods with spec.nodeName set to itself`);
}
