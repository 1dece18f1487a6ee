import {
  type FieldError,
  forbidden,
  formatTime,
  invalid,
  type KubeObject,
  notSupported,
  Path,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import { goDiff, invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  checkImmutable,
  type Loose,
  oneOf,
  present,
  type RuleContext,
  requiredAnd,
  type UnionMember,
  union,
  validateWith,
} from '../rule.ts';
import { takeOver } from '../strategy.ts';
import { checkNodeSelector, hasInvalidLabelValue } from './node-selector.ts';
import { checkAccessModes, checkClassName, checkPositiveQuantity } from './persistent-volume-claim-spec.ts';
import { persistentVolumeWarnings } from './persistent-volume-warnings.ts';
import { roundAmounts } from './resources.ts';
import { semanticEqual } from './semantic-equal.ts';
import { defaultVolumeSource } from './volume-defaults.ts';
import { checkIscsi, persistentSources } from './volume-sources.ts';

const SPEC = Path.of('spec');
const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';

function defaultVolume(volume: Loose): void {
  const spec = (volume.spec ??= {});
  volume.status = { ...volume.status, phase: volume.status?.phase || 'Pending' };
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundAmounts(spec.capacity);
  defaultVolumeSource(spec);
}

/** The kinds of volumes in the order in which they are looked for; `at` is where their fields stand. */
export function volumeSources(name: string, nodeAffinity: Loose, at = SPEC): UnionMember[] {
  return [
    { field: 'hostPath', checks: persistentSources.hostPath },
    { field: 'gcePersistentDisk', checks: persistentSources.gcePersistentDisk, at: 'persistentDisk' },
    { field: 'awsElasticBlockStore', checks: persistentSources.awsElasticBlockStore },
    { field: 'glusterfs', checks: persistentSources.glusterfs },
    { field: 'flocker', checks: persistentSources.flocker },
    { field: 'nfs', checks: persistentSources.nfs },
    { field: 'rbd', checks: persistentSources.rbd },
    { field: 'quobyte', checks: persistentSources.quobyte },
    { field: 'cephfs', checks: persistentSources.cephfs, forbiddenAt: 'cephFS' },
    { field: 'iscsi', checks: checkIscsi(name) },
    { field: 'cinder', checks: persistentSources.cinder },
    { field: 'fc', checks: persistentSources.fc },
    { field: 'flexVolume', checks: persistentSources.flexVolume, always: true },
    { field: 'azureFile', checks: persistentSources.azureFile },
    { field: 'vsphereVolume', checks: persistentSources.vsphereVolume },
    { field: 'photonPersistentDisk', checks: persistentSources.photonPersistentDisk },
    { field: 'portworxVolume', checks: persistentSources.portworxVolume },
    { field: 'azureDisk', checks: persistentSources.azureDisk },
    { field: 'scaleIO', checks: persistentSources.scaleIO },
    { field: 'local', checks: [persistentSources.local, checkNodeOfLocal(nodeAffinity, at)] },
    { field: 'storageos', checks: persistentSources.storageos },
    { field: 'csi', checks: persistentSources.csi },
  ];
}

/** All fields in which a volume names its source. */
const SOURCE_FIELDS = volumeSources('', undefined).map(({ field }) => field);

function checkNodeOfLocal(nodeAffinity: Loose, at: Path): Check {
  return (_, __, { errors }) => {
    if (!nodeAffinity) errors.push(requiredError(at.child('nodeAffinity'), 'Local volume requires node affinity'));
  };
}

/** The spec of a volume. */
function checkVolumeSpec(allowInvalidLabelValues: boolean): Check {
  const checkAffinity = checkNodeAffinity(allowInvalidLabelValues);
  const checkPolicy = oneOf('Delete', 'Recycle', 'Retain');
  return (volume, _, context) => {
    const { metadata, spec } = volume;
    const modes = SPEC.child('accessModes');
    if ((spec.accessModes ?? []).length === 0) context.errors.push(requiredError(modes));
    checkAccessModes(spec.accessModes, modes, context);
    checkCapacity(spec.capacity ?? {}, SPEC.child('capacity'), context);
    checkPolicy(spec.persistentVolumeReclaimPolicy, SPEC.child('persistentVolumeReclaimPolicy'), context);
    checkAffinity(spec.nodeAffinity, SPEC.child('nodeAffinity'), context);
    const members = volumeSources(metadata.name ?? '', spec.nodeAffinity);
    union(members, 'may not specify more than 1 volume type', 'must specify a volume type')(spec, SPEC, context);
    checkRecycledRoot(spec, context);
    present(checkClassName)(spec.storageClassName, SPEC.child('storageClassName'), context);
    oneOf('Block', 'Filesystem')(spec.volumeMode, SPEC.child('volumeMode'), context);
    checkAttributesClass(spec, context);
  };
}

const checkCapacity: Check = (capacity: Record<string, string>, path, context) => {
  const names = Object.keys(capacity).sort();
  if (names.length === 0) context.errors.push(requiredError(path));
  if (capacity.storage === undefined || names.length > 1) {
    context.errors.push(notSupported(path, names.length === 0 ? null : capacity, ['storage']));
  }
  for (const name of names) {
    const value = parseQuantity(capacity[name]!).value();
    if (value < 0n) context.errors.push(invalid(path.key(name), Number(value), 'must be a valid resource quantity'));
    checkPositiveQuantity(capacity[name], path.key(name), context);
  }
};

function checkNodeAffinity(allowInvalidLabelValues: boolean): Check {
  const checkRequired = checkNodeSelector(allowInvalidLabelValues);
  return (affinity, path, context) => {
    if (!affinity) return;
    const at = path.child('required');
    if (affinity.required) checkRequired(affinity.required, at, context);
    else context.errors.push(requiredError(at, 'must specify required node constraints'));
  };
}

/** A host's root directory is not emptied for the next claim. */
function checkRecycledRoot({ hostPath, persistentVolumeReclaimPolicy: policy }: Loose, { errors }: RuleContext): void {
  if (policy !== 'Recycle' || !hostPath?.path || !isRoot(hostPath.path)) return;
  const at = SPEC.child('persistentVolumeReclaimPolicy');
  errors.push(forbidden(at, "may not be 'recycle' for a hostPath mount of '/'"));
}

/** True for the ways to write `/`, such as `/a/..`. */
function isRoot(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.length === 0;
}

function checkAttributesClass({ volumeAttributesClassName: name, csi }: Loose, context: RuleContext): void {
  if (name === undefined) return;
  const at = SPEC.child('volumeAttributesClassName');
  requiredAnd('an empty string is disallowed', checkClassName)(name, at, context);
  if (csi) return;
  context.errors.push(requiredError(SPEC.child('csi'), 'has to be specified when using volumeAttributesClassName'));
}

/** Kinds of volumes that are mounted with options. */
const MOUNTED_WITH_OPTIONS = [
  ...['gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi', 'cinder', 'cephfs'],
  ...['azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk'],
];

const checkMountOptions: Check = ({ metadata, spec }, _, { errors }) => {
  if (metadata.annotations?.[MOUNT_OPTIONS] === undefined || MOUNTED_WITH_OPTIONS.some((field) => spec[field])) return;
  const at = Path.of('metadata', 'annotations', MOUNT_OPTIONS);
  errors.push(forbidden(at, 'may not specify mount options for this volume type'));
};

/** What may not change in a volume: where its data are, and where it can be used. */
const checkVolumeUpdate: Check = ({ spec }, _, { errors, old }) => {
  const before = old!.spec;
  const [now, then] = [sourceOf(withoutNewExpandSecret(spec, before)), sourceOf(before)];
  if (!semanticEqual(now, then)) {
    const diff = goDiff('PersistentVolumeSource', then, now);
    const detail = `spec.persistentvolumesource is immutable after creation\n${diff}`;
    errors.push(forbidden(SPEC.child('persistentvolumesource'), detail));
  }
  checkImmutable(spec.volumeMode, before.volumeMode, Path.of('volumeMode'), errors);
  if (
    before.nodeAffinity &&
    !semanticEqual(withStableLabels(before.nodeAffinity, spec.nodeAffinity), spec.nodeAffinity)
  ) {
    const detail = 'field is immutable, except for updating from beta label to GA';
    errors.push(invalidGo(Path.of('nodeAffinity'), '*VolumeNodeAffinity', spec.nodeAffinity, detail));
  }
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    errors.push(forbidden(SPEC.child('volumeAttributesClassName'), 'update from non-nil value to nil is forbidden'));
  }
};

function sourceOf(spec: Loose): Loose {
  return Object.fromEntries(SOURCE_FIELDS.filter((field) => spec[field]).map((field) => [field, spec[field]]));
}

/** The secret for resizing may be added later. */
function withoutNewExpandSecret(spec: Loose, before: Loose): Loose {
  if (!before.csi || before.csi.controllerExpandSecretRef || !spec.csi?.controllerExpandSecretRef) return spec;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...spec, csi };
}

const STABLE_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** The stored affinity with labels that went out of use renamed, where the new one has renamed them. */
function withStableLabels(affinity: Loose, now: Loose): Loose {
  const rename = (requirement: Loose, other: Loose) =>
    other && STABLE_LABELS[requirement.key] === other.key ? { ...requirement, key: other.key } : requirement;
  const terms = (affinity.required?.nodeSelectorTerms ?? []).map((term: Loose, i: number) => {
    const other = now?.required?.nodeSelectorTerms?.[i];
    const renamed = (list: string) => term[list]?.map((r: Loose, j: number) => rename(r, other?.[list]?.[j]));
    return { ...term, matchExpressions: renamed('matchExpressions'), matchFields: renamed('matchFields') };
  });
  return { ...affinity, required: { ...affinity.required, nodeSelectorTerms: terms } };
}

function validateUpdate(volume: Loose, old: Loose): FieldError[] {
  const check = checkVolumeSpec(hasInvalidLabelValue(old.spec.nodeAffinity?.required?.nodeSelectorTerms));
  // The spec is checked twice, as in kube-apiserver.
  return validateWith([check, checkMountOptions, check, checkVolumeUpdate], volume, old);
}

function prepareStatus(volume: KubeObject, old: KubeObject, now: Date): void {
  takeOver(volume, old, 'spec');
  const [status, before] = [(volume.status ??= {}), old.status ?? {}];
  const time = status.lastPhaseTransitionTime;
  if (status.phase === before.phase) {
    if (time === undefined && before.lastPhaseTransitionTime !== undefined) {
      status.lastPhaseTransitionTime = before.lastPhaseTransitionTime;
    }
  } else if (time === undefined || time === before.lastPhaseTransitionTime) {
    status.lastPhaseTransitionTime = formatTime(now);
  }
}

/** The rules of persistent volumes. */
export const persistentVolumeRules: ResourceRules = {
  defaults: { '*': defaultVolume },
  prepareForCreate: (volume, { now }) => {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) };
  },
  prepareForUpdate: (volume, old) => takeOver(volume, old, 'status'),
  validate: (volume) => validateWith([checkVolumeSpec(false), checkMountOptions], volume),
  validateUpdate,
  warnings: persistentVolumeWarnings,
  resetFields: [['status']],
  subresources: {
    status: {
      prepareForUpdate: (volume, old, { now }) => prepareStatus(volume, old, now),
      resetFields: [['spec']],
    },
  },
  returnsDeletedObject: true,
};
