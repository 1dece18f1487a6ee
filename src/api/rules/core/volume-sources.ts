import {
  byteLength,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  notSupported,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import {
  between,
  type Check,
  each,
  fields,
  isEmpty,
  type Loose,
  matches,
  oneOf,
  present,
  required,
  requiredAnd,
  type RuleContext,
} from '../rule.ts';
import { checkFilePath, checkNoBacksteps } from './paths.ts';

const PARTITION: Check = (partition, path, { errors }) => {
  if (partition < 0 || partition > 255) errors.push(invalid(path, partition, 'must be between 1 and 255, inclusive'));
};

/** Bits of a file's mode. */
export const checkFileMode: Check = (mode, path, { errors }) => {
  const detail = 'must be a number between 0 and 0777 (octal), both inclusive';
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(path, mode, detail));
};

/** Which keys of a config map or secret become which files. */
export const checkKeyToPath: Check = fields({
  key: required(),
  path: [required(), checkFilePath],
  mode: checkFileMode,
});

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** A file or directory of the node. */
const checkHostPath: Check = ({ path: hostPath, type }, path, context) => {
  if (isEmpty(hostPath)) return void context.errors.push(requiredError(path.child('path')));
  checkNoBacksteps(hostPath, path.child('path'), context);
  oneOf(...HOST_PATH_TYPES)(type, path.child('type'), context);
};

const checkGitRepo: Check = fields({
  repository: required(),
  directory: (directory, path, context) => {
    if (directory?.startsWith('/')) context.errors.push(invalid(path, directory, 'must be a relative path'));
    checkNoBacksteps(directory, path, context);
  },
});

const checkGcePersistentDisk: Check = fields({ pdName: required(), partition: PARTITION });
const checkAwsElasticBlockStore: Check = fields({ volumeID: required(), partition: PARTITION });
const checkSecretVolume: Check = fields({
  secretName: required(),
  defaultMode: checkFileMode,
  items: each(checkKeyToPath),
});
const checkConfigMapVolume: Check = fields({
  name: required(),
  defaultMode: checkFileMode,
  items: each(checkKeyToPath),
});

const checkNfs: Check = fields({
  server: required(),
  path: [
    required(),
    (value = '', path, { errors }) => {
      if (!value.startsWith('/')) errors.push(invalid(path, value, 'must be an absolute path'));
    },
  ],
});

const IQN = /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/;
const EUI = /^eui.[a-zA-Z0-9]{16}$/;
const NAA = /^naa.[a-zA-Z0-9]{32}$/;

function isScsiName(name: string): boolean {
  if (name.startsWith('iqn')) return IQN.test(name);
  return name.startsWith('eui') ? EUI.test(name) : NAA.test(name);
}

/** A SCSI name; persistent volumes do not tell a wrong start from other defects. */
function checkScsiName(inPv: boolean): Check {
  return (name: string, path, { errors }) => {
    const known = /^(iqn|eui|naa)/.test(name);
    if (known && isScsiName(name)) return;
    const detail = known || inPv ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa';
    errors.push(invalid(path, name, detail));
  };
}

const LONG_PORTAL =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

/** True when an initiator of its own makes the name of the portal too long. */
export function isPortalTooLong(iscsi: Loose, volumeName: string): boolean {
  return iscsi.initiatorName !== undefined && byteLength(`${volumeName}:${iscsi.targetPortal ?? ''}`) > 64;
}

/** The text of the error about {@link isPortalTooLong}. */
export const longPortalDetail: string = LONG_PORTAL;

/** An iSCSI disk; `pvName` is given for persistent volumes only. */
export function checkIscsi(pvName?: string): Check {
  const inPv = pvName !== undefined;
  return (iscsi, path, context) => {
    const { errors } = context;
    required()(iscsi.targetPortal, path.child('targetPortal'), context);
    if (inPv && isPortalTooLong(iscsi, pvName)) {
      errors.push(invalid(path.child('targetportal'), iscsi.targetPortal ?? '', LONG_PORTAL));
    }
    requiredAnd('', checkScsiName(inPv))(iscsi.iqn, path.child('iqn'), context);
    between(0, 255)(iscsi.lun, path.child('lun'), context);
    if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
      errors.push(requiredError(path.child('secretRef')));
    }
    if (inPv) fields({ name: required() })(iscsi.secretRef, path.child('secretRef'), context);
    if (iscsi.initiatorName !== undefined) {
      checkScsiName(inPv)(iscsi.initiatorName, path.child('initiatorname'), context);
    }
  };
}

const checkFc: Check = ({ targetWWNs = [], wwids = [], lun }, path, context) => {
  const { errors } = context;
  const at = path.child('targetWWNs');
  if (targetWWNs.length === 0) {
    if (wwids.length === 0) errors.push(requiredError(at, 'must specify either targetWWNs or wwids, but not both'));
    return;
  }
  if (wwids.length > 0)
    errors.push(invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  const lunPath = path.child('lun');
  if (lun === undefined) errors.push(requiredError(lunPath, 'lun is required if targetWWNs is specified'));
  else between(0, 255)(lun, lunPath, context);
};

const checkNamespaceName = matches((name) => nameIsDnsLabel(name, false));

const checkGlusterfs: Check = fields({ endpoints: required(), path: required() });
const checkGlusterfsPv: Check = fields({
  endpoints: required(),
  path: required(),
  endpointsNamespace: (namespace, path, context) => {
    const detail = 'if the endpointnamespace is set, it must be a valid namespace name';
    if (namespace === '') context.errors.push(invalid(path, namespace, detail));
    else checkNamespaceName(namespace, path, context);
  },
});

const checkFlocker: Check = ({ datasetName = '', datasetUUID = '' }, path, { errors }) => {
  if (datasetName === '' && datasetUUID === '') {
    errors.push(requiredError(path, 'one of datasetName and datasetUUID is required'));
  }
  if (datasetName !== '' && datasetUUID !== '') {
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (datasetName.includes('/')) errors.push(invalid(path.child('datasetName'), datasetName, "must not contain '/'"));
};

const checkQuobyte: Check = ({ registry = '', tenant = '', volume }, path, context) => {
  const { errors } = context;
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') errors.push(requiredError(path.child('registry'), pairs));
  else if (byteLength(tenant) >= 65) {
    errors.push(requiredError(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters'));
  } else {
    const bad = registry.split(',').filter((pair: string) => !isHostPort(pair));
    for (const _ of bad) errors.push(invalid(path.child('registry'), registry, pairs));
  }
  required()(volume, path.child('volume'), context);
};

/** `host:port`, where a host with colons is in brackets. */
function isHostPort(text: string): boolean {
  return /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(text);
}

const checkRbd: Check = fields({ monitors: required(), image: required() });
const checkCephFs: Check = fields({ monitors: required() });
const checkCinder: Check = fields({ volumeID: required(), secretRef: fields({ name: required() }) });
const checkCinderPv: Check = fields({
  volumeID: required(),
  secretRef: fields({ name: required(), namespace: required() }),
});

const checkFlexVolume: Check = fields({
  driver: required(),
  options: (options, path, { errors }) => {
    for (const key of Object.keys(options ?? {}).sort()) {
      const namespace = `.${key.split('/', 1)[0]!.toLowerCase()}`;
      if (!namespace.endsWith('.kubernetes.io') && !namespace.endsWith('.k8s.io')) continue;
      errors.push(invalid(path.key(key), key, 'kubernetes.io and k8s.io namespaces are reserved'));
    }
  },
});

const checkAzureFile: Check = fields({ secretName: required(), shareName: required() });
const checkAzureFilePv: Check = fields({
  secretName: required(),
  shareName: required(),
  secretNamespace: (namespace, path, { errors }) => {
    if (namespace === '') errors.push(requiredError(path));
  },
});

const AZURE_DISK_URI =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const AZURE_BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

const checkAzureDisk: Check = (disk, path, context) => {
  fields({
    diskName: required(),
    diskURI: required(),
    cachingMode: oneOf('None', 'ReadOnly', 'ReadWrite'),
    kind: oneOf('Dedicated', 'Managed', 'Shared'),
  })(disk, path, context);
  if (disk.kind === undefined) return;
  const { diskURI: uri = '' } = disk;
  const [prefix, form] = disk.kind === 'Managed' ? ['/subscriptions/', AZURE_DISK_URI] : ['https://', AZURE_BLOB_URI];
  if (!uri.startsWith(prefix)) context.errors.push(notSupported(path.child('diskURI'), uri, [form]));
};

const checkVsphereVolume: Check = fields({ volumePath: required() });
const checkPhotonPersistentDisk: Check = fields({ pdID: required() });
const checkPortworxVolume: Check = fields({ volumeID: required() });
const checkScaleIo: Check = fields({ gateway: required(), system: required(), volumeName: required() });

const checkStorageOsNames = fields({
  volumeName: requiredAnd('', matches(isDns1123Label)),
  volumeNamespace: present(matches(isDns1123Label)),
});
const checkStorageOs: Check = (volume, path, context) => {
  checkStorageOsNames(volume, path, context);
  fields({ name: required() })(volume.secretRef, path.child('secretRef'), context);
};
const checkStorageOsPv: Check = (volume, path, context) => {
  checkStorageOsNames(volume, path, context);
  fields({ name: required(), namespace: required() })(volume.secretRef, path.child('secretRef'), context);
};

/** The name of a CSI driver: a DNS subdomain in any case, of at most 63 bytes. */
const checkCsiDriverName: Check = (name: string | undefined, path, { errors }) => {
  if (!name) return void errors.push(requiredError(path));
  if (byteLength(name) > 63) errors.push(tooLong(path, 63));
  for (const message of isDns1123Subdomain(name.toLowerCase())) errors.push(invalid(path, name, message));
};

const checkCsi: Check = ({ driver, nodePublishSecretRef: secret }, path, context) => {
  checkCsiDriverName(driver, path.child('driver'), context);
  if (secret) checkCsiSecret(secret.name, path, context);
};

function checkCsiSecret(name: string | undefined, path: Loose, { errors }: RuleContext): void {
  if (!name) errors.push(requiredError(path.child('nodePublishSecretRef', 'name')));
  else for (const m of nameIsDnsSubdomain(name, false)) errors.push(invalid(path.child('name'), name, m));
}

const checkSecretReference: Check = fields({
  name: requiredAnd('', matches(isDns1123Subdomain)),
  namespace: requiredAnd('', matches(isDns1123Label)),
});
const checkCsiPv: Check = fields({
  driver: checkCsiDriverName,
  volumeHandle: required(),
  controllerPublishSecretRef: checkSecretReference,
  controllerExpandSecretRef: checkSecretReference,
  nodePublishSecretRef: checkSecretReference,
  nodeExpandSecretRef: checkSecretReference,
});

/** A path of the node. */
const checkLocal: Check = fields({ path: requiredAnd('', checkNoBacksteps) });

/** Checks of what pods and persistent volumes have in the same form, by field. */
const COMMON = {
  hostPath: checkHostPath,
  gcePersistentDisk: checkGcePersistentDisk,
  awsElasticBlockStore: checkAwsElasticBlockStore,
  nfs: checkNfs,
  flocker: checkFlocker,
  rbd: checkRbd,
  cephfs: checkCephFs,
  quobyte: checkQuobyte,
  fc: checkFc,
  flexVolume: checkFlexVolume,
  vsphereVolume: checkVsphereVolume,
  photonPersistentDisk: checkPhotonPersistentDisk,
  portworxVolume: checkPortworxVolume,
  azureDisk: checkAzureDisk,
  scaleIO: checkScaleIo,
} as const;

/** Checks of the sources of a pod's volume, by field; iSCSI, downward API, projected, ephemeral and image are apart. */
export const podSources = {
  ...COMMON,
  gitRepo: checkGitRepo,
  secret: checkSecretVolume,
  glusterfs: checkGlusterfs,
  persistentVolumeClaim: fields({ claimName: required() }),
  cinder: checkCinder,
  configMap: checkConfigMapVolume,
  azureFile: checkAzureFile,
  storageos: checkStorageOs,
  csi: checkCsi,
} as const satisfies Readonly<Record<string, Check>>;

/** Checks of the sources of a persistent volume, by field; iSCSI is apart. */
export const persistentSources = {
  ...COMMON,
  glusterfs: checkGlusterfsPv,
  cinder: checkCinderPv,
  azureFile: checkAzureFilePv,
  local: checkLocal,
  storageos: checkStorageOsPv,
  csi: checkCsiPv,
} as const satisfies Readonly<Record<string, Check>>;
