import type { KubeObject } from 'nekube/apimachinery';

/** An object in a message: `ConfigMap "default/settings"`. */
export function shownObject({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} "${namespace ? `${namespace}/${name}` : name}"`;
}
