import { admissionForbidden, type AdmissionPlugin } from '../admission.ts';

/** Services get no new external addresses. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(attributes) {
    const { operation, resource, subresource, object, old } = attributes;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    if (resource.group !== '' || resource.resource !== 'services' || subresource !== '') return;
    const before: readonly string[] = old?.spec.externalIPs ?? [];
    const now: readonly string[] = object!.spec.externalIPs ?? [];
    if (now.every((ip) => before.includes(ip))) return;
    throw admissionForbidden(attributes, 'Use of external IPs is denied by admission control');
  },
};
