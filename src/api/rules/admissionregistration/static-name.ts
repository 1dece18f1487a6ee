import type { KubeObject } from 'nekube/apimachinery';

const suffix = '.static.k8s.io';

/** Warns of names that configurations from files have. */
export function staticNameWarnings({ metadata }: KubeObject): string[] {
  if (!metadata.name?.endsWith(suffix)) return [];
  const why = 'are reserved for static manifest-based configurations and cannot be managed via the API';
  return [`metadata.name: names ending with "${suffix}" ${why}`];
}
