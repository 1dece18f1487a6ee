import {
  duplicate,
  forbidden,
  goQuote,
  invalid,
  isDns1123Label,
  nameIsDnsSubdomain,
  type Path,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import {
  type Check,
  fields,
  type Loose,
  matches,
  required,
  requiredAnd,
  type RuleContext,
  type UnionMember,
  union,
} from '../rule.ts';
import { checkTokenSeconds } from '../token-seconds.ts';
import { checkFieldRef, checkResourceFieldRef } from './env.ts';
import { checkFilePath } from './paths.ts';
import { checkClaimTemplate } from './persistent-volume-claim-spec.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { checkPullPolicy } from './pull-policy.ts';
import type { Volumes } from './volume-mounts.ts';
import {
  checkFileMode,
  checkIscsi,
  checkKeyToPath,
  isPortalTooLong,
  longPortalDetail,
  podSources,
} from './volume-sources.ts';

/**
 * Checks the volumes of a pod and gives those that are valid, by name: mounts of others are not found.
 *
 * `meta` is the pod's, and undefined for a template.
 */
export function checkVolumes(
  spec: Loose,
  meta: Loose,
  path: Path,
  options: PodCheckOptions,
  context: RuleContext,
): Volumes {
  const volumes: Loose[] = spec.volumes ?? [];
  const valid = new Map<string, Loose>();
  const made = new Set(meta?.name ? volumes.filter((v) => v.ephemeral).map((v) => `${meta.name}-${v.name ?? ''}`) : []);
  volumes.forEach((volume, i) => {
    const at = path.index(i);
    const before = context.errors.length;
    const { name = '' } = volume;
    checkSource(volumeMembers(volume, at, meta, options))(volume, at, context);
    requiredAnd('', matches(isDns1123Label))(name, at.child('name'), context);
    if (valid.has(name)) context.errors.push(duplicate(at.child('name'), name));
    if (context.errors.length === before) valid.set(name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (made.has(claim)) {
      const field = at.child('persistentVolumeClaim', 'claimName');
      context.errors.push(invalid(field, claim, 'must not reference a PVC that gets created for an ephemeral volume'));
    }
  });
  return valid;
}

const checkSource = (members: readonly UnionMember[]) =>
  union(members, 'may not specify more than 1 volume type', 'must specify a volume type');

/** The kinds of volumes in the order in which they are looked for. */
function volumeMembers(volume: Loose, path: Path, meta: Loose, options: PodCheckOptions): UnionMember[] {
  return [
    { field: 'emptyDir', checks: checkEmptyDir },
    { field: 'hostPath', checks: podSources.hostPath },
    { field: 'gitRepo', checks: podSources.gitRepo },
    { field: 'gcePersistentDisk', checks: podSources.gcePersistentDisk, at: 'persistentDisk' },
    { field: 'awsElasticBlockStore', checks: podSources.awsElasticBlockStore },
    { field: 'secret', checks: podSources.secret },
    { field: 'nfs', checks: podSources.nfs },
    { field: 'iscsi', checks: [checkIscsi(), checkPortalLength(volume, path)] },
    { field: 'glusterfs', checks: podSources.glusterfs },
    { field: 'flocker', checks: podSources.flocker },
    { field: 'persistentVolumeClaim', checks: podSources.persistentVolumeClaim },
    { field: 'rbd', checks: podSources.rbd },
    { field: 'cinder', checks: podSources.cinder },
    { field: 'cephfs', checks: podSources.cephfs, forbiddenAt: 'cephFS' },
    { field: 'quobyte', checks: podSources.quobyte },
    { field: 'downwardAPI', checks: checkDownwardApi, forbiddenAt: 'downwarAPI' },
    { field: 'fc', checks: podSources.fc },
    { field: 'flexVolume', checks: podSources.flexVolume },
    { field: 'configMap', checks: podSources.configMap },
    { field: 'azureFile', checks: podSources.azureFile },
    { field: 'vsphereVolume', checks: podSources.vsphereVolume },
    { field: 'photonPersistentDisk', checks: podSources.photonPersistentDisk },
    { field: 'portworxVolume', checks: podSources.portworxVolume },
    { field: 'azureDisk', checks: podSources.azureDisk },
    { field: 'storageos', checks: podSources.storageos },
    { field: 'projected', checks: checkProjected(options) },
    { field: 'scaleIO', checks: podSources.scaleIO },
    { field: 'csi', checks: podSources.csi },
    { field: 'ephemeral', checks: [checkEphemeral, checkClaimName(volume, path, meta)] },
    { field: 'image', checks: checkImageVolume(options) },
  ];
}

const checkEmptyDir: Check = ({ sizeLimit }, path, { errors }) => {
  if (sizeLimit === undefined || parseQuantity(sizeLimit).sign() >= 0) return;
  errors.push(forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
};

function checkPortalLength({ name = '' }: Loose, path: Path): Check {
  return (iscsi, _, { errors }) => {
    if (!isPortalTooLong(iscsi, name)) return;
    errors.push(invalid(path.child('name'), name, longPortalDetail));
  };
}

const checkEphemeral: Check = ({ volumeClaimTemplate: template }, path, context) => {
  const at = path.child('volumeClaimTemplate');
  if (template) checkClaimTemplate(template, at, context);
  else context.errors.push(requiredError(at));
};

/** The claim that is made for an ephemeral volume is named after the pod and the volume. */
function checkClaimName({ name = '' }: Loose, path: Path, meta: Loose): Check {
  return (_, __, { errors }) => {
    if (!meta?.name || name === '') return;
    const claim = `${meta.name}-${name}`;
    for (const message of nameIsDnsSubdomain(claim, false)) {
      errors.push(invalid(path.child('name'), name, `PVC name ${goQuote(claim)}: ${message}`));
    }
  };
}

function checkImageVolume(options: PodCheckOptions): Check {
  return fields({
    reference: (reference, path, context) => options.resourceIsPod && required()(reference, path, context),
    pullPolicy: checkPullPolicy,
  });
}

/** A file with a field of the pod or a resource of one of its containers; most defects are reported at the volume. */
const checkDownwardFile: Check = (file, path, context) => {
  const { fieldRef, resourceFieldRef, mode } = file;
  required()(file.path, path.child('path'), context);
  checkFilePath(file.path, path.child('path'), context);
  if (fieldRef) {
    checkFieldRef('volume')(fieldRef, path.child('fieldRef'), context);
    const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously';
    if (resourceFieldRef) context.errors.push(invalid(path, 'resource', detail));
  } else if (resourceFieldRef)
    checkResourceFieldRef('volume')(resourceFieldRef, path.child('resourceFieldRef'), context);
  else context.errors.push(requiredError(path, 'one of fieldRef and resourceFieldRef is required'));
  checkFileMode(mode, path.child('mode'), context);
};

const checkDownwardApi: Check = ({ defaultMode, items }, path, context) => {
  checkFileMode(defaultMode, path.child('defaultMode'), context);
  for (const file of items ?? []) checkDownwardFile(file, path, context);
};

/** Several sources in one directory; no two may write the same file. */
function checkProjected(options: PodCheckOptions): Check {
  return ({ defaultMode, sources: list }, path, context) => {
    checkFileMode(defaultMode, path.child('defaultMode'), context);
    const paths = new Set<string>();
    (list ?? []).forEach((source: Loose, i: number) => {
      const at = path.child('sources').index(i);
      const add = (file: string, shown: string): void => {
        if (!file) return;
        if (paths.has(file)) context.errors.push(invalid(path, shown, 'conflicting duplicate paths'));
        paths.add(file);
      };
      checkProjectedItems(source.secret, at.child('secret'), add, context);
      checkProjectedItems(source.configMap, at.child('configMap'), add, context);
      for (const file of source.downwardAPI?.items ?? []) {
        checkDownwardFile(file, at.child('downwardAPI'), context);
        add(file.path, file.path);
      }
      checkProjectedToken(source.serviceAccountToken, path, at, options, context);
      if (PROJECTIONS.filter((kind) => source[kind]).length > 1) {
        context.errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
      }
    });
  };
}

const PROJECTIONS = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
];

function checkProjectedItems(
  source: Loose,
  path: Path,
  add: (file: string, shown: string) => void,
  context: RuleContext,
): void {
  if (!source) return;
  required()(source.name, path.child('name'), context);
  (source.items ?? []).forEach((item: Loose, i: number) => {
    checkKeyToPath(item, path.child('items').index(i), context);
    add(item.path, source.name ?? '');
  });
}

function checkProjectedToken(token: Loose, path: Path, at: Path, options: PodCheckOptions, context: RuleContext): void {
  if (!token) return;
  const { expirationSeconds: seconds = 0 } = token;
  const field = at.child('serviceAccountToken', 'expirationSeconds');
  const { errors } = context;
  checkTokenSeconds(seconds, field, errors);
  if (!token.path) errors.push(requiredError(path.child('path')));
  else if (!options.allowNonLocalProjectedTokenPath) checkFilePath(token.path, path.child('path'), context);
}
