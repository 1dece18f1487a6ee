import type { Named } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';

/** The key by which an object is requested and found. */
export function keyOf({ metadata: { namespace, name = '' } }: { readonly metadata: Named }): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}
