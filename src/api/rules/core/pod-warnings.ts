import { goQuote, ipWarnings, jsonEqual, type Path } from 'nekube/apimachinery';
import { deprecatedNodeLabel } from '../node-labels.ts';
import type { Loose } from '../rule.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { nodeSelectorTermWarnings } from './node-selector-warnings.ts';
import { overlapWarnings } from './overlap-warnings.ts';
import { portWarnings } from './port-warnings.ts';
import { fractionWarnings } from './resources.ts';
import { APPARMOR_PREFIX, appArmorProfileOf, containersWithPath, SECCOMP_POD_ANNOTATION } from './security-profiles.ts';

/** Texts for `Warning` headers about a pod or, at the path of one, a pod template; in the order of kube-apiserver. */
export function podWarnings(meta: Loose, spec: Loose, path: Path, isTemplate = true): string[] {
  const at = path.child('spec');
  return [
    ...placementWarnings(spec, at),
    ...annotationWarnings(meta, path.child('metadata', 'annotations')),
    ...(spec.volumes ?? []).flatMap((volume: Loose, i: number) => volumeWarnings(volume, at.child('volumes').index(i))),
    ...overlapWarnings(spec.volumes ?? []),
    ...duplicates(spec.hostAliases, 'ip').map(
      ([i, ip]) => `${at.child('hostAliases').index(i).child('ip')}: duplicate ip ${ip}`,
    ),
    ...pullSecretWarnings(spec.imagePullSecrets ?? [], at.child('imagePullSecrets')),
    ...fractionWarnings(spec.overhead, ['memory', 'ephemeral-storage'], at.child('overhead')),
    ...profileWarnings(meta, spec, path, isTemplate),
    ...portWarnings(spec, at),
    ...(spec.terminationGracePeriodSeconds < 0
      ? [
          `${at.child('terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...podAffinityWarnings(spec.affinity, at.child('affinity')),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip: string, i: number) =>
      ipWarnings(`${at.child('dnsConfig', 'nameservers').index(i)}`, ip),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip = '' }: Loose, i: number) =>
      ipWarnings(`${at.child('hostAliases').index(i).child('ip')}`, ip),
    ),
  ];
}

/** Labels of nodes that go away, and selectors that select nothing. */
function placementWarnings(spec: Loose, path: Path): string[] {
  const node = spec.affinity?.nodeAffinity;
  const at = path.child('affinity', 'nodeAffinity');
  const required = at.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  const preferred = at.child('preferredDuringSchedulingIgnoredDuringExecution');
  const terms: Loose[] = node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const preferences: Loose[] = node?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...Object.keys(spec.nodeSelector ?? {})
      .sort()
      .flatMap((key) => {
        const message = deprecatedNodeLabel(key);
        return message ? [`${path.child('nodeSelector').key(key)}: ${message}`] : [];
      }),
    ...terms.flatMap((term, i) => nodeSelectorTermWarnings(term, required.index(i), false)),
    ...preferences.flatMap((p, i) =>
      nodeSelectorTermWarnings(p.preference, preferred.index(i).child('preference'), true),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint: Loose, i: number) =>
      spreadWarnings(constraint, path.child('topologySpreadConstraints').index(i)),
    ),
  ];
}

const NULL_SELECTOR = 'a null labelSelector results in matching no pod';

function spreadWarnings({ topologyKey = '', labelSelector }: Loose, path: Path): string[] {
  const message = deprecatedNodeLabel(topologyKey);
  return [
    ...(message ? [`${path.child('topologyKey')}: ${topologyKey} is ${message}`] : []),
    ...(labelSelector ? [] : [`${path.child('labelSelector')}: ${NULL_SELECTOR}`]),
  ];
}

const DEPRECATED_ANNOTATIONS: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];

function annotationWarnings({ annotations = {} }: Loose, path: Path): string[] {
  return DEPRECATED_ANNOTATIONS.filter(([key]) => annotations[key] !== undefined).map(
    ([key, message]) => `${path.key(key)}: ${message}`,
  );
}

/** Kinds of volumes that are deprecated: field, name in the warning, text. */
const DEPRECATED_VOLUMES: readonly (readonly [string, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', '', ''],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings(volume: Loose, path: Path): string[] {
  return DEPRECATED_VOLUMES.filter(([field]) => volume[field]).flatMap(([field, name, text]) => {
    if (field !== 'ephemeral') return [`${path.child(name)}: ${text}`];
    const template = volume.ephemeral.volumeClaimTemplate;
    return template
      ? claimSpecWarnings(template.spec ?? {}, path.child('ephemeral', 'volumeClaimTemplate', 'spec'))
      : [];
  });
}

/** Positions and quoted values of entries whose field repeats that of an earlier entry. */
function duplicates(entries: Loose[] | undefined, field: string): [number, string][] {
  const seen = new Set<string>();
  return (entries ?? []).flatMap((entry, i): [number, string][] => {
    const value = entry[field] ?? '';
    if (seen.has(value)) return [[i, goQuote(value)]];
    seen.add(value);
    return [];
  });
}

function pullSecretWarnings(secrets: Loose[], path: Path): string[] {
  return [
    ...duplicates(secrets, 'name').map(([i, name]) => `${path.index(i).child('name')}: duplicate name ${name}`),
    ...secrets.flatMap(({ name }, i) => (name ? [] : [`${path.index(i).child('name')}: invalid empty name ""`])),
  ];
}

const SECCOMP_HINT = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const APPARMOR_HINT = 'deprecated since v1.30; use the "appArmorProfile" field instead';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Annotations that are now fields, and what is odd in single containers. */
function profileWarnings(meta: Loose, spec: Loose, path: Path, isTemplate: boolean): string[] {
  const annotations = meta.annotations ?? {};
  const at = path.child('metadata', 'annotations');
  const warnings: string[] = [];
  const warn = (key: string, hint: string) =>
    annotations[key] !== undefined && warnings.push(`${at.key(key)}: ${hint}`);
  if (!spec.securityContext?.seccompProfile) warn(SECCOMP_POD_ANNOTATION, SECCOMP_HINT);
  for (const { container, at: where } of containersWithPath(spec, path.child('spec'))) {
    const { name = '', securityContext, resources } = container;
    if (!securityContext?.seccompProfile) warn(SECCOMP_CONTAINER + name, SECCOMP_HINT);
    const key = APPARMOR_PREFIX + name;
    if (isTemplate && !securityContext?.appArmorProfile && isProfileOfItsOwn(annotations[key], spec))
      warn(key, APPARMOR_HINT);
    for (const kind of ['memory', 'ephemeral-storage']) {
      for (const list of ['limits', 'requests']) {
        warnings.push(...fractionWarnings(resources?.[list], [kind], where.child('resources', list)));
      }
    }
    warnings.push(...envWarnings(container.env ?? [], where.child('env')));
  }
  return warnings;
}

function isProfileOfItsOwn(annotation: string | undefined, spec: Loose): boolean {
  const ofPod = spec.securityContext?.appArmorProfile;
  return annotation !== undefined && !(ofPod && jsonEqual(ofPod, appArmorProfileOf(annotation) ?? null));
}

/** Variables that hide others of the same name, unless they build on them. */
function envWarnings(env: Loose[], path: Path): string[] {
  const seen = new Set<string>();
  return env.flatMap(({ name = '', value = '', valueFrom }, i) => {
    const reference = `$(${name})`;
    const hidden = seen.has(name) && (valueFrom || value === reference || !value.includes(reference));
    seen.add(name);
    if (!hidden) return [];
    return [`${path.index(i)}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`];
  });
}

function podAffinityWarnings(affinity: Loose, path: Path): string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((side) => {
    const at = path.child(side);
    const required = at.child('requiredDuringSchedulingIgnoredDuringExecution');
    const preferred = at.child('preferredDuringSchedulingIgnoredDuringExecution');
    const terms: Loose[] = affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const weighted: Loose[] = affinity?.[side]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return [
      ...terms.flatMap((t, i) =>
        t.labelSelector ? [] : [`${required.index(i).child('labelSelector')}: ${NULL_SELECTOR}`],
      ),
      ...weighted.flatMap((t, i) =>
        t.podAffinityTerm?.labelSelector
          ? []
          : [`${preferred.index(i).child('podAffinityTerm', 'labelSelector')}: ${NULL_SELECTOR}`],
      ),
    ];
  });
}

/** Warnings about AppArmor annotations of a pod: those that became fields, and those that mean nothing. */
export function appArmorAnnotationWarnings(pod: Loose, path: Path): string[] {
  const { metadata, spec } = pod;
  if (spec.os?.name === 'windows') return [];
  return containersWithPath(spec, path).flatMap(({ container }) => {
    const key = APPARMOR_PREFIX + (container.name ?? '');
    const annotation = metadata.annotations?.[key];
    if (annotation === undefined) return [];
    const profile = appArmorProfileOf(annotation);
    const own = container.securityContext?.appArmorProfile;
    const taken = profile && own && jsonEqual(profile, own);
    if (own ? !taken : profile) return [];
    return [`${path.child('metadata', 'annotations').key(key)}: ${APPARMOR_HINT}`];
  });
}
