import { hasBadSeccomp, seccompProfile } from './baseline.ts';
import {
  type Container,
  containersOf,
  distinct,
  hasOwnUsers,
  isWindows,
  named,
  plural,
  type PodLike,
  quoted,
  setters,
  type Violation,
} from './pod.ts';

type Check = (pod: PodLike) => Violation | undefined;

/** The check, but not for pods of Windows. */
export function unlessWindows(check: Check): Check {
  return (pod) => (isWindows(pod) ? undefined : check(pod));
}

/** The check, but not for pods with users of their own. */
export function unlessOwnUsers(check: Check): Check {
  return (pod) => (hasOwnUsers(pod) ? undefined : check(pod));
}

/** No process gets more rights than its parent. */
export function privilegeEscalation({ spec }: PodLike): Violation | undefined {
  const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${named(bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

/** No capability but that of low ports. */
export function capabilitiesDropped({ spec }: PodLike): Violation | undefined {
  const added = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
  const all = containersOf(spec);
  const keeping = all.filter(({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'));
  const adding = all.filter((container) => added(container).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const which = quoted(distinct(adding.flatMap(added)));
    details.push(`${named(adding)} must not include ${which} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const RESTRICTED_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

/** Only volumes that the pod or the cluster's storage brings. */
export function restrictedVolumes({ spec }: PodLike): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !VOLUMES.some((type) => volume[type] !== undefined));
  if (bad.length === 0) return undefined;
  const typeOf = (volume: (typeof bad)[number]): string =>
    RESTRICTED_VOLUMES.find((type) => volume[type] !== undefined) ?? 'unknown';
  const types = distinct(bad.map(typeOf));
  const who = `${plural('volume', bad.length)} ${quoted(bad.map(({ name }) => name))}`;
  const uses = `${bad.length === 1 ? 'uses' : 'use'} ${plural('restricted volume type', types.length)}`;
  return { reason: 'restricted volume types', detail: `${who} ${uses} ${quoted(types)}` };
}

/** Nothing runs as root, and all say so. */
export function runAsNonRoot({ spec }: PodLike): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const ofPod = spec.securityContext?.runAsNonRoot;
  const all = containersOf(spec);
  const explicit = all.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (ofPod === false || explicit.length > 0) {
    const detail = `${setters(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false`;
    return { reason, detail };
  }
  const silent = ofPod === true ? [] : all.filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named(silent)} must set securityContext.runAsNonRoot=true` };
}

/** Nothing asks to run as root. */
export function runAsUser({ spec }: PodLike): Violation | undefined {
  const badPod = spec.securityContext?.runAsUser === 0;
  const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.runAsUser === 0);
  if (!badPod && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${setters(badPod, bad)} must not set runAsUser=0` };
}

/** Seccomp is turned on. */
export function seccompRequired(pod: PodLike): Violation | undefined {
  const off = seccompProfile(pod);
  if (off !== undefined) return off;
  const { securityContext } = pod.spec;
  if (securityContext?.seccompProfile !== undefined && !hasBadSeccomp(securityContext)) return undefined;
  const silent = containersOf(pod.spec).filter((container) => container.securityContext?.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  const types = '"RuntimeDefault" or "Localhost"';
  return {
    reason: 'seccompProfile',
    detail: `pod or ${named(silent)} must set securityContext.seccompProfile.type to ${types}`,
  };
}
