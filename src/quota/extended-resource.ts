import { isQualifiedName } from 'nekube/apimachinery';

/** Whether a resource is none of Kubernetes' own. */
export function isExtendedResource(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false;
  return isQualifiedName(`requests.${name}`).length === 0;
}
