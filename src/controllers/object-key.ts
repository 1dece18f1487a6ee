import type { ObjectKey } from 'nekube/client';

/** What has a namespace and a name: an object's metadata, a key, a reference. */
interface Named {
  readonly namespace?: string;
  readonly name?: string;
}

/** The key by which an object is requested and found. */
export function keyOf({ metadata: { namespace, name = '' } }: { readonly metadata: Named }): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}

/** `NAMESPACE/NAME`, as texts and keys of maps have it. Not for kinds without namespaces. */
export function keyTextOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}
