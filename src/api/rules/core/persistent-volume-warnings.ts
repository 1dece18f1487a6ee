import { Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { nodeSelectorTermWarnings } from './node-selector-warnings.ts';

const SPEC = Path.of('spec');

const DEPRECATED_ANNOTATIONS: readonly (readonly [string, string])[] = [
  ['volume.beta.kubernetes.io/storage-class', 'deprecated since v1.8; use "storageClassName" attribute instead'],
  ['volume.beta.kubernetes.io/mount-options', 'deprecated since v1.31; use "mountOptions" attribute instead'],
];

/** Kinds of volumes that no longer work: field, name in the warning, text. */
const DEPRECATED_SOURCES: readonly (readonly [string, string, string])[] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

const RECYCLE =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';

/** Texts for `Warning` headers about a persistent volume. */
export function persistentVolumeWarnings({ metadata, spec }: Loose): string[] {
  const terms: Loose[] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const path = SPEC.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  return [
    ...DEPRECATED_ANNOTATIONS.filter(([key]) => metadata.annotations?.[key] !== undefined).map(
      ([key, text]) => `${Path.of('metadata', 'annotations').key(key)}: ${text}`,
    ),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${RECYCLE}`] : []),
    ...terms.flatMap((term, i) => nodeSelectorTermWarnings(term, path.index(i), false)),
    ...DEPRECATED_SOURCES.filter(([field]) => spec[field]).map(([, name, text]) => `spec.${name}: ${text}`),
  ];
}
