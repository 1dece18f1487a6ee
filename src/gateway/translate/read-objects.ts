import { parseYaml } from 'nekube/apimachinery';
import type { Resource } from './resources.ts';
import { SNAPSHOT_KINDS } from './snapshot.ts';

const CLUSTER_SCOPED = new Set(['GatewayClass', 'Namespace', 'ClusterTrustBundle']);

/**
 * The objects of a file of YAML documents; lists are taken apart. One without a namespace is in `default`, as where kubectl
 * writes it.
 *
 * @throws ParseError for what is no YAML
 */
export function readObjects(text: string): Resource[] {
  return text.split(/^---[ \t]*$/m).flatMap((document) => objectsOf(parseYaml(document)));
}

function objectsOf(value: unknown): Resource[] {
  const object = value as (Resource & { readonly items?: readonly unknown[] }) | null;
  if (object === null || typeof object !== 'object') return [];
  if (object.kind?.endsWith('List') === true && Array.isArray(object.items)) return object.items.flatMap(objectsOf);
  if (object.metadata === undefined || CLUSTER_SCOPED.has(object.kind ?? '') || !KINDS.has(object.kind ?? ''))
    return [object];
  const { namespace = 'default' } = object.metadata;
  return [{ ...object, metadata: { ...object.metadata, namespace } }];
}

const KINDS: ReadonlySet<string> = new Set(Object.values(SNAPSHOT_KINDS).map(({ kind }) => kind));
