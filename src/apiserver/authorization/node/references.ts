import type { KubeObject } from 'nekube/apimachinery';

/** Names of what a pod uses, by sort. All are of the pod's namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configmaps: ReadonlySet<string>;
  readonly persistentvolumeclaims: ReadonlySet<string>;
  readonly resourceclaims: ReadonlySet<string>;
  readonly serviceaccounts: ReadonlySet<string>;
}

interface Named {
  readonly name?: string;
}

/** A volume, a projection, or an entry of a container's environment, each with the sources that it has. */
type Source = Readonly<Record<string, Named & { readonly secretName?: string; readonly secretRef?: Named }>>;

const known = new WeakMap<KubeObject, PodReferences>();

/** What a pod uses. Mirror pods use nothing, since a node makes them itself. Found once for each object. */
export function referencesOf(pod: KubeObject): PodReferences {
  let references = known.get(pod);
  if (references === undefined) known.set(pod, (references = find(pod)));
  return references;
}

function find(pod: KubeObject): PodReferences {
  const isMirror = Object.hasOwn(pod.metadata.annotations ?? {}, 'kubernetes.io/config.mirror');
  const spec = isMirror ? {} : pod.spec;
  const volumes: readonly (Source & { name: string })[] = spec.volumes ?? [];
  const projected = volumes.flatMap((volume): Source[] => (volume.projected as { sources?: Source[] })?.sources ?? []);
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  const environment: readonly Source[] = containers.flatMap(({ env, envFrom }) => [
    ...(envFrom ?? []),
    ...(env ?? []).map(({ valueFrom }: { valueFrom?: Source }) => valueFrom ?? {}),
  ]);
  return {
    secrets: namesOf([
      ...(spec.imagePullSecrets ?? []).map(({ name }: Named) => name),
      ...environment.flatMap((from) => [from.secretRef?.name, from.secretKeyRef?.name]),
      ...projected.map((from) => from.secret?.name),
      ...volumes.flatMap(secretsOfVolume),
    ]),
    configmaps: namesOf([
      ...environment.flatMap((from) => [from.configMapRef?.name, from.configMapKeyRef?.name]),
      ...projected.map((from) => from.configMap?.name),
      ...volumes.map((volume) => volume.configMap?.name),
    ]),
    persistentvolumeclaims: namesOf(
      volumes.map((volume) => {
        const { persistentVolumeClaim: claim, ephemeral } = volume as Readonly<Record<string, { claimName?: string }>>;
        return claim?.claimName ?? (ephemeral && `${pod.metadata.name}-${volume.name}`);
      }),
    ),
    resourceclaims: namesOf(isMirror ? [] : claimsOf(pod)),
    serviceaccounts: namesOf([spec.serviceAccountName]),
  };
}

function namesOf(names: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(names.filter((name): name is string => !!name));
}

/** Kinds of volumes whose secret stands in `secretRef`. */
const WITH_SECRET_REF = ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'];

function secretsOfVolume(volume: Source): (string | undefined)[] {
  const { nodePublishSecretRef } = (volume.csi ?? {}) as { nodePublishSecretRef?: Named };
  return [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    nodePublishSecretRef?.name,
    ...WITH_SECRET_REF.map((kind) => volume[kind]?.secretRef?.name),
  ];
}

/** The claims of devices, named by the pod or, where they are made for it, by its status. */
function claimsOf({ spec, status = {} }: KubeObject): (string | undefined)[] {
  const made: readonly { name: string; resourceClaimName?: string }[] = status.resourceClaimStatuses ?? [];
  const claims: readonly { name: string; resourceClaimName?: string }[] = spec.resourceClaims ?? [];
  return [
    ...claims.map(({ name, resourceClaimName }) => {
      return resourceClaimName ?? made.find((claim) => claim.name === name)?.resourceClaimName;
    }),
    status.extendedResourceClaimStatus?.resourceClaimName,
  ];
}

/** Secrets, as `NAMESPACE/NAME`, that a kubelet needs for a persistent volume. */
export function secretsOfPersistentVolume({ spec }: KubeObject): readonly string[] {
  const home: string = spec.claimRef?.namespace ?? '';
  const at = (namespace: string | undefined, name: string | undefined) =>
    name ? [`${namespace || home}/${name}`] : [];
  const refs = WITH_SECRET_REF.flatMap((kind) => {
    const { secretRef } = (spec[kind] ?? {}) as { secretRef?: Named & { namespace?: string } };
    return at(secretRef?.namespace, secretRef?.name);
  });
  const csi = ['nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'].flatMap((field) => {
    const secret = spec.csi?.[field] as (Named & { namespace?: string }) | undefined;
    return at(secret?.namespace, secret?.name);
  });
  return [...at(spec.azureFile?.secretNamespace, spec.azureFile?.secretName), ...refs, ...csi];
}
