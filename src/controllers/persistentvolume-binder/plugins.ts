import { ANNOTATIONS, annotationOf, type StorageClass, type Volume } from '../volumes/volume.ts';

/** In-tree provisioners, whose work drivers do. */
const MIGRATED: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};
const HOST_PATH = 'kubernetes.io/host-path';
const IN_TREE = 'kubernetes.io/';
/** What can be deleted or recycled in the process of kube-controller-manager, by the field of the spec. */
const RECYCLABLE = ['hostPath', 'nfs'];

/** Who makes volumes for a class. */
export type Provisioner =
  /** Somebody else, who is told by an annotation. */
  | { readonly by: string; readonly problem?: undefined }
  /** Nobody. `isTold`: the claim has the annotation all the same. */
  | { readonly problem: string; readonly isTold: boolean };

/** Who makes volumes for a class. */
export function provisionerOf({ provisioner }: StorageClass): Provisioner {
  const driver = MIGRATED[provisioner];
  if (driver !== undefined) return { by: driver };
  if (provisioner === HOST_PATH) {
    const problem = `Failed to create provisioner: provisioning in volume plugin "${HOST_PATH}" is disabled`;
    return { problem, isTold: true };
  }
  if (!provisioner.startsWith(IN_TREE)) return { by: provisioner };
  return { problem: `no volume plugin matched name: ${provisioner}`, isTold: false };
}

/** The driver that does the work of an in-tree provisioner. */
export function driverOf(provisioner: string): string | undefined {
  return MIGRATED[provisioner];
}

/** What becomes of a volume that is to be deleted: somebody else does it, this controller does, or it fails. */
export type Deletion = 'elsewhere' | 'here' | { readonly problem: string };

/** How a released volume is deleted. */
export function deletionOf(volume: Volume): Deletion {
  const by = annotationOf(volume, ANNOTATIONS.provisionedBy);
  if (by) {
    if (by === HOST_PATH) return hostPathDeletion(volume);
    return by.startsWith(IN_TREE) ? { problem: `no volume plugin matched name: ${by}` } : 'elsewhere';
  }
  if (annotationOf(volume, ANNOTATIONS.migratedTo) !== undefined || volume.spec.csi !== undefined) return 'elsewhere';
  const why = RECYCLABLE.some((source) => source in volume.spec)
    ? 'no deletable volume plugin matched'
    : 'no volume plugin matched';
  if (volume.spec.hostPath !== undefined) return hostPathDeletion(volume);
  return { problem: `error getting deleter volume plugin for volume ${JSON.stringify(volume.metadata.name)}: ${why}` };
}

function hostPathDeletion({ spec }: Volume): Deletion {
  const path = spec.hostPath?.path ?? '';
  if (/\/tmp\/.+/.test(path)) return 'here';
  return { problem: `host_path deleter only supports /tmp/.+ but received provided ${path}` };
}

/** Whether there is a recycler for the sort of a volume. */
export function isRecyclable({ spec }: Volume): boolean {
  return RECYCLABLE.some((source) => source in spec);
}
