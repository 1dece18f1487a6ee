import { classRules, volumeAttributesClassRules } from './storage/classes.ts';
import { csiDriverRules } from './storage/csi-driver.ts';
import { csiNodeRules } from './storage/csi-node.ts';
import { csiStorageCapacityRules } from './storage/csi-storage-capacity.ts';
import { volumeAttachmentRules } from './storage/volume-attachment.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of storage.k8s.io. */
export const storageRules: Readonly<Record<string, ResourceRules>> = {
  csidrivers: csiDriverRules,
  csinodes: csiNodeRules,
  csistoragecapacities: csiStorageCapacityRules,
  storageclasses: classRules,
  volumeattachments: volumeAttachmentRules,
  volumeattributesclasses: volumeAttributesClassRules,
};
