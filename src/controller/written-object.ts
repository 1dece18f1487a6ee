import type { KubeObject } from 'nekube/apimachinery';
import type { Kind, ObjectKey } from 'nekube/client';

/** The kind of an object that is written. @throws TypeError if it does not say what it is */
export function kindOf<T extends KubeObject>({ apiVersion, kind }: T): Kind<T> {
  if (!apiVersion || !kind) throw new TypeError('Cannot write an object without apiVersion and kind');
  return { apiVersion, kind };
}

/** Which object it is. @throws TypeError if it has no name */
export function keyOf({ metadata: { namespace, name } }: KubeObject): ObjectKey {
  if (!name) throw new TypeError('Cannot write an object without a name');
  return { namespace, name };
}
