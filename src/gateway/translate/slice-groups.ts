import { createHash } from 'node:crypto';
import type { Resource } from './resources.ts';

/** What has endpoints in EndpointSlices. */
export type SliceOwner = 'Service' | 'ServiceImport' | 'XBackend';

/** The label by which the slices of pods are found that an XBackend selects; what is made for it has the label, too. */
export const XBACKEND_LABEL = 'gateway.nekube.dev/xbackend';

const LABELS: Readonly<Record<SliceOwner, string>> = {
  Service: 'kubernetes.io/service-name',
  ServiceImport: 'multicluster.kubernetes.io/service-name',
  XBackend: XBACKEND_LABEL,
};
const OWNERS = Object.keys(LABELS) as SliceOwner[];
const LONGEST_VALUE = 63;

/** Whose slice it is. */
export function groupsOfSlice({ metadata: { namespace, labels } }: Resource): string[] {
  return OWNERS.flatMap((owner) => {
    const value = labels?.[LABELS[owner]];
    return value === undefined ? [] : [groupOf(owner, namespace ?? '', value)];
  });
}

/** The group of the slices of something. */
export function slicesGroup(owner: SliceOwner, namespace: string, name: string): string {
  return groupOf(owner, namespace, owner === 'XBackend' ? xBackendLabel(name) : name);
}

/** The value of the label for an XBackend: its name, or of a long one what tells it apart. */
export function xBackendLabel(name: string): string {
  if (name.length <= LONGEST_VALUE) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST_VALUE - hash.length - 1)}-${hash}`;
}

function groupOf(owner: SliceOwner, namespace: string, value: string): string {
  return `slicesOf/${owner}/${namespace}/${value}`;
}
