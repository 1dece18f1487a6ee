import { createHash } from 'node:crypto';
import type { KubeObject } from 'nekube/apimachinery';

/** The labels and annotations of the contract (KEP-3659). */
export const APPLYSET = {
  id: 'applyset.kubernetes.io/id',
  partOf: 'applyset.kubernetes.io/part-of',
  tooling: 'applyset.kubernetes.io/tooling',
  kinds: 'applyset.kubernetes.io/contains-group-kinds',
  /** What kubectl wrote before it wrote kinds. */
  resources: 'applyset.kubernetes.io/contains-group-resources',
  namespaces: 'applyset.kubernetes.io/additional-namespaces',
  parentType: 'applyset.kubernetes.io/is-parent-type',
  /** Ours: which run of an apply began last, and after a slash which of those that it overtook ended last. */
  run: 'ownership.nekube.dev/applyset-run',
} as const;

/** The object that knows what belongs to a set. */
export interface ParentRef {
  readonly apiVersion: string;
  readonly group: string;
  readonly kind: string;
  /** The plural, for messages. */
  readonly resource: string;
  /** Empty for a kind that has no namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** Who works on a set: tools must leave those of others alone. */
export interface Tooling {
  /** `kubectl`, `nekube-own`. */
  readonly name: string;
  /** As in `v1.2.3`. */
  readonly version: string;
}

/** The kinds that a set has objects of, and the namespaces that these are in, the parent's included. */
export interface Inventory {
  /** `KIND` or `KIND.GROUP`. */
  readonly kinds: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

/** A set of nothing. */
export const EMPTY_INVENTORY: Inventory = { kinds: new Set(), namespaces: new Set() };

/** The value of the parent's label, and of its members': a hash of name, namespace, kind and group. */
export function applySetId({ name, namespace, kind, group }: Omit<ParentRef, 'apiVersion' | 'resource'>): string {
  const hash = createHash('sha256').update([name, namespace, kind, group].join('.')).digest('base64url');
  return `applyset-${hash}-v1`;
}

/** As kubectl names a parent: `secrets./web`. */
export function showParent({ resource, group, name }: ParentRef): string {
  return `${resource}.${group}/${name}`;
}

/** What the parent says of the set, or why this tool must not work on it, in kubectl's words. */
export function readParent(parent: ParentRef, live: KubeObject, tooling: Tooling): Inventory | string {
  const { labels = {}, annotations = {} } = live.metadata;
  const shown = `ApplySet parent object ${JSON.stringify(showParent(parent))}`;
  const managedBy = annotations[APPLYSET.tooling];
  if (managedBy === undefined)
    return `${shown} already exists and is missing required annotation ${JSON.stringify(APPLYSET.tooling)}`;
  if (toolName(managedBy) !== tooling.name)
    return `${shown} already exists and is managed by tooling ${JSON.stringify(toolName(managedBy))} instead of ${JSON.stringify(tooling.name)}`;
  const id = labels[APPLYSET.id];
  if (id === undefined) return `${shown} exists and does not have required label ${APPLYSET.id}`;
  const want = applySetId(parent);
  if (id !== want)
    return `${shown} exists and has incorrect value for label ${JSON.stringify(APPLYSET.id)} (got: ${id}, want: ${want})`;
  return inventoryOf(parent, annotations);
}

/** All before the last slash. */
function toolName(annotation: string): string {
  return annotation.includes('/') ? annotation.slice(0, annotation.lastIndexOf('/')) : annotation;
}

function inventoryOf(parent: ParentRef, annotations: Readonly<Record<string, string>>): Inventory | string {
  const kinds = annotations[APPLYSET.kinds];
  if (kinds === undefined) {
    const fix = `state the kinds of its members there, as in "ConfigMap,Deployment.apps"`;
    return `ApplySet parent object ${JSON.stringify(showParent(parent))} does not have annotation ${JSON.stringify(APPLYSET.kinds)}; ${fix}`;
  }
  const namespaces = new Set(listOf(annotations[APPLYSET.namespaces]));
  if (parent.namespace !== '') namespaces.add(parent.namespace);
  return { kinds: new Set(listOf(kinds)), namespaces };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((entry) => entry !== '');
}

/** All that is in one of two. */
export function unionOf(a: Inventory, b: Inventory): Inventory {
  return {
    kinds: new Set([...a.kinds, ...b.kinds]),
    namespaces: new Set([...a.namespaces, ...b.namespaces]),
  };
}

/** Whether all of `part` is in `whole`. */
export function includesInventory(whole: Inventory, part: Inventory): boolean {
  const all = (outer: ReadonlySet<string>, inner: ReadonlySet<string>): boolean =>
    [...inner].every((x) => outer.has(x));
  return all(whole.kinds, part.kinds) && all(whole.namespaces, part.namespaces);
}

/** The kinds and namespaces of objects. */
export function inventoryOfObjects(
  objects: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[],
): Inventory {
  return {
    kinds: new Set(objects.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`))),
    namespaces: new Set(objects.map(({ namespace }) => namespace).filter((namespace) => namespace !== '')),
  };
}

/** What is applied to the parent. Who applies it as one manager removes what an older version stated beside it. */
export function parentConfiguration(
  parent: ParentRef,
  inventory: Inventory,
  {
    tooling,
    run,
    resourceVersion,
  }: { readonly tooling: Tooling; readonly run?: string; readonly resourceVersion?: string },
): KubeObject & { readonly metadata: { readonly name: string } } {
  const namespaces = [...inventory.namespaces].filter((namespace) => namespace !== parent.namespace);
  return {
    apiVersion: parent.apiVersion,
    kind: parent.kind,
    metadata: {
      name: parent.name,
      ...(parent.namespace !== '' && { namespace: parent.namespace }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      labels: { [APPLYSET.id]: applySetId(parent) },
      annotations: {
        [APPLYSET.tooling]: `${tooling.name}/${tooling.version}`,
        [APPLYSET.kinds]: [...inventory.kinds].sort().join(','),
        [APPLYSET.namespaces]: namespaces.sort().join(','),
        ...(run !== undefined && { [APPLYSET.run]: run }),
      },
    },
  };
}

/** The manager of the parent's labels and annotations, as kubectl names its own. */
export function parentManager({ name }: Tooling): string {
  return `${name}-applyset`;
}
