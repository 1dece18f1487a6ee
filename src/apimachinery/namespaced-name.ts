/** What has a namespace and a name: an object's metadata, a key, a reference. */
export interface Named {
  readonly namespace?: string;
  readonly name?: string;
}

/** `NAMESPACE/NAME`, as texts and keys of maps have it, and Go's `types.NamespacedName`; without a namespace `/NAME`. */
export function namespacedName({ namespace = '', name = '' }: Named): string {
  return `${namespace}/${name}`;
}
