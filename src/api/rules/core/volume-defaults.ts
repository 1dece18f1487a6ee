import type { Loose } from '../rule.ts';
import { defaultPullPolicy } from './pull-policy.ts';
import { roundRequirements } from './resources.ts';

/** What each member of a volume's source gets when it is set and the field is not. */
const SOURCE_DEFAULTS: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
  secret: { defaultMode: 0o644 },
  configMap: { defaultMode: 0o644 },
  downwardAPI: { defaultMode: 0o644 },
  projected: { defaultMode: 0o644 },
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
};

/** Sources in which an empty text counts as not set. */
const EMPTY_IS_UNSET = new Set(['iscsi', 'rbd', 'scaleIO']);

/** Sets the defaults of a source of a pod's or a persistent volume. */
export function defaultVolumeSource(source: Loose): void {
  for (const [kind, defaults] of Object.entries(SOURCE_DEFAULTS)) {
    const member = source[kind];
    if (!member) continue;
    for (const [field, value] of Object.entries(defaults)) {
      if (member[field] === undefined || (member[field] === '' && EMPTY_IS_UNSET.has(kind))) member[field] = value;
    }
  }
}

/** Sets the defaults of a pod's volume; one without a source is an empty directory. */
export function defaultVolume(volume: Loose): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  defaultVolumeSource(volume);
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? '');
  defaultFieldRefs(volume.downwardAPI?.items);
  for (const { downwardAPI, serviceAccountToken } of volume.projected?.sources ?? []) {
    defaultFieldRefs(downwardAPI?.items);
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  }
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template) defaultClaimSpec((template.spec ??= {}));
}

function defaultFieldRefs(items: Loose[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef) fieldRef.apiVersion ||= 'v1';
}

/** Sets the defaults of the spec of a claim. */
export function defaultClaimSpec(spec: Loose): void {
  spec.volumeMode ??= 'Filesystem';
  roundRequirements(spec.resources);
}
