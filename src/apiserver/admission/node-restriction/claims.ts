import { jsonEqual, type KubeObject } from 'nekube/apimachinery';
import { type AdmissionAttributes, admissionForbidden } from '../../admission.ts';

/** What nodes tell of a claim while its volume grows. */
const OWN = ['capacity', 'conditions', 'allocatedResourceStatuses', 'allocatedResources'];

/** Nodes tell how large a volume has become, and nothing else. */
export function checkClaimStatus(node: string, attributes: AdmissionAttributes): void {
  const { operation, object, old } = attributes;
  if (operation !== 'UPDATE') throw admissionForbidden(attributes, `unexpected operation "${operation}"`);
  if (jsonEqual(rest(object!) as never, rest(old!) as never)) return;
  const why = `node "${node}" is not allowed to update fields other than status.quantity and status.conditions: `;
  throw admissionForbidden(attributes, why);
}

function rest({ metadata, status, ...others }: KubeObject): object {
  const { resourceVersion: _version, managedFields: _fields, ...meta } = metadata;
  const left = Object.fromEntries(Object.entries(status ?? {}).filter(([field]) => !OWN.includes(field)));
  return { ...others, metadata: meta, status: left };
}
