import type { AdmissionAttributes } from '../admission.ts';

/** Whether the operation is about a pod itself, not a part of one. */
export function isPod({ resource, subresource }: Pick<AdmissionAttributes, 'resource' | 'subresource'>): boolean {
  return resource.group === '' && resource.resource === 'pods' && subresource === '';
}
