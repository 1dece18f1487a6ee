import { openApiFacts } from './facts.ts';

/** The compiled type of a kind or of a part of one. Opaque: made by {@link typeOf}, used by {@link decodeObject}. */
export interface StructType {
  /** Name of its schema, such as `io.k8s.api.core.v1.Pod`. */
  readonly name: string;
}

/** The type of a kind; undefined when the server serves no such kind. */
export function typeOf(apiVersion: string, kind: string): StructType | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  for (const [name, schema] of Object.entries(openApiFacts().schemas)) {
    const gvks = (schema['x-kubernetes-group-version-kind'] ?? []) as {
      group: string;
      version: string;
      kind: string;
    }[];
    if (gvks.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind)) return { name };
  }
  return undefined;
}
