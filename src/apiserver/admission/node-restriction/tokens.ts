import { errorText, type KubeObject, newNotFound } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';

/** Nodes get tokens for the pods that run on them, for audiences that these ask for. */
export async function checkToken(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { object, namespace } = attributes;
  const { boundObjectRef: bound } = object!.spec;
  const audiences: readonly string[] = object!.spec.audiences ?? [];
  const refuse = (why: string): Error => admissionForbidden(attributes, why);
  if (!bound || bound.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name)
    throw refuse('node requested token not bound to a pod');
  if (!bound.uid) throw refuse('node requested token with a pod binding without a uid');
  const pod = await deps.store.head(deps.resources.builtin('', 'v1', 'pods'), namespace, bound.name);
  if (pod === undefined) throw newNotFound({ group: '', resource: 'pod' }, bound.name);
  if (bound.uid !== pod.metadata.uid)
    throw refuse(
      `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (pod.spec.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node');
  if (audiences.length > 1) throw refuse('node may only request 0 or 1 audiences');
  const problem = await audienceProblem(deps, attributes, pod, audiences[0] ?? '');
  if (problem !== undefined) throw refuse(problem);
}

async function audienceProblem(
  deps: PluginDeps,
  { user, namespace, name }: AdmissionAttributes,
  pod: KubeObject,
  audience: string,
): Promise<string | undefined> {
  const errors: string[] = [];
  for (const volume of (pod.spec.volumes ?? []) as Volume[]) {
    const sources = volume.projected?.sources ?? [];
    if (
      sources.some((source) => source.serviceAccountToken && (source.serviceAccountToken.audience ?? '') === audience)
    )
      return undefined;
    try {
      if (await driverHasAudience(deps, pod, volume, audience)) return undefined;
    } catch (error) {
      errors.push(errorText(error));
    }
  }
  if (errors.length > 0)
    return `error validating audience "${audience}": ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`;
  const { decision, error } = await deps.authorizer.authorize({
    user,
    verb: 'request-serviceaccounts-token-audience',
    resourceRequest: true,
    path: '',
    namespace,
    apiGroup: '',
    apiVersion: 'v1',
    resource: audience,
    subresource: '',
    name,
  });
  if (decision === 'allow') return undefined;
  const start = `audience "${audience}" not found in pod spec volume`;
  return error === undefined
    ? `${start}, ${user.name} is not authorized to request tokens for this audience`
    : `${start}, error authorizing ${user.name} to request tokens for this audience: ${error}`;
}

interface Volume {
  readonly name: string;
  readonly projected?: {
    readonly sources?: readonly { readonly serviceAccountToken?: { readonly audience?: string } }[];
  };
  readonly ephemeral?: { readonly volumeClaimTemplate?: object };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly csi?: { readonly driver: string };
}

/** Drivers of storage ask for tokens, too: the one behind the volume, its claim and the volume of that. */
async function driverHasAudience(
  deps: PluginDeps,
  pod: KubeObject,
  volume: Volume,
  audience: string,
): Promise<boolean> {
  const { namespace = '', name } = pod.metadata;
  const claim = volume.ephemeral?.volumeClaimTemplate
    ? `${name}-${volume.name}`
    : volume.persistentVolumeClaim?.claimName;
  const driver = claim === undefined ? volume.csi?.driver : await driverOfClaim(deps, namespace, claim);
  if (!driver) return false;
  const found = await need(deps, 'storage.k8s.io', 'csidrivers', '', driver);
  return (found.spec.tokenRequests ?? []).some((one: { audience?: string }) => (one.audience ?? '') === audience);
}

async function driverOfClaim(deps: PluginDeps, namespace: string, name: string): Promise<string | undefined> {
  const claim = await need(deps, '', 'persistentvolumeclaims', namespace, name);
  const volume = await need(deps, '', 'persistentvolumes', '', claim.spec.volumeName ?? '');
  return volume.spec.csi?.driver;
}

async function need(
  { store, resources }: PluginDeps,
  group: string,
  resource: string,
  namespace: string,
  name: string,
): Promise<KubeObject> {
  const found = name === '' ? undefined : await store.head(resources.builtin(group, 'v1', resource), namespace, name);
  if (found === undefined) throw newNotFound({ group, resource: resource.slice(0, -1) }, name);
  return found;
}
