import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { kinds } from '../api/discovery.ts';
import { isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { isSelected, isTo, type Reference, referencesOf, selectionsOf, usersOf } from './references.ts';

/** An object that is related, and how. */
export interface Related {
  readonly kindName: string;
  readonly kind: Kind | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Where it is named, or by what it is selected. */
  readonly why: readonly string[];
  /** Whether it is there; undefined: that was not found out. */
  readonly isThere?: boolean;
}

/** What is related to an object. */
export interface Found {
  readonly named: readonly Related[];
  readonly selected: readonly Related[];
  readonly users: readonly Related[];
  readonly selectors: readonly Related[];
  /** Kinds that may not be listed. */
  readonly refused: readonly string[];
}

/** Objects of a kind that are looked at for references; beyond that it would be a search of the cluster. */
const MOST = 2000;

/**
 * Looks for what an object names and what names it.
 *
 * @throws Error where the server does not answer: what is not known is not nothing
 */
export async function findRelated(object: KubeObject, kind: Kind, signal: AbortSignal): Promise<Found> {
  const refused = new Set<string>();
  const list = async (of: Kind | undefined, namespace: string | undefined, query: Record<string, string> = {}) => {
    if (of === undefined || !of.verbs.includes('list')) return [];
    try {
      const search = new URLSearchParams({ limit: String(MOST), ...query });
      const url = `/k8s${collectionPath(of, namespace)}?${search}`;
      return (await requestJson<{ items: KubeObject[] }>(url, { signal })).items;
    } catch (error) {
      if (signal.aborted) throw error;
      if (isApiError(error, 403)) refused.add(of.kind);
      // the kind has gone
      else if (!isApiError(error, 404)) throw error;
      return [];
    }
  };
  const { name = '', namespace } = object.metadata;
  const self = { group: kind.group, kind: kind.kind, namespace: namespace ?? '', name };
  const [named, selected, users, selectors] = await Promise.all([
    Promise.all(merged(referencesOf(object)).map((ref) => withPresence(ref, signal))),
    Promise.all(
      selectionsOf(object).map(async (selection) => {
        const of = kindOf(selection.group, selection.kind);
        const items = await list(of, selection.namespace, { labelSelector: selection.labelSelector });
        return items.map((item) => relatedOf(item, of, selection.kind, [selection.labelSelector]));
      }),
    ),
    Promise.all(
      usersOf(kind.group, kind.kind).map(async ([group, name]) => {
        const of = kindOf(group, name);
        const items = await list(of, of?.namespaced ? namespace : undefined);
        return items.flatMap((item) => {
          const why = referencesOf({ ...item, kind: name }).filter((ref) => isTo(ref, self));
          return why.length === 0
            ? []
            : [
                relatedOf(
                  item,
                  of,
                  name,
                  why.map(({ path }) => path),
                ),
              ];
        });
      }),
    ),
    kind.kind === 'Pod' && kind.group === '' ? selectorsOfPod(object, list) : [],
  ]);
  return { named, selected: selected.flat(), users: users.flat(), selectors, refused: [...refused] };
}

/** Services that send to a pod; what owns it is in the tree. */
async function selectorsOfPod(
  { metadata: { labels, namespace } }: KubeObject,
  list: (of: Kind | undefined, namespace: string | undefined) => Promise<KubeObject[]>,
): Promise<Related[]> {
  const of = kindOf('', 'Service');
  const services = (await list(of, namespace)) as (KubeObject & { readonly spec?: JsonObject })[];
  return services
    .filter(({ spec }) => isSelected(labels as JsonObject, spec?.selector))
    .map((service) => relatedOf(service, of, 'Service', ['spec.selector']));
}

/** References to the same object as one. */
function merged(refs: readonly Reference[]): (Reference & { readonly paths: readonly string[] })[] {
  const found = new Map<string, Reference & { readonly paths: string[] }>();
  for (const ref of refs) {
    const key = JSON.stringify([ref.group, ref.kind, ref.namespace, ref.name]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...ref, paths: [ref.path] });
    else known.paths.push(ref.path);
  }
  return [...found.values()];
}

async function withPresence(
  ref: Reference & { readonly paths: readonly string[] },
  signal: AbortSignal,
): Promise<Related> {
  const kind = kindOf(ref.group, ref.kind);
  const namespace = kind?.namespaced === false ? '' : ref.namespace;
  const one = { kindName: ref.kind, kind, namespace, name: ref.name, why: ref.paths };
  if (kind === undefined) return one;
  try {
    const url = `/k8s${collectionPath(kind, namespace || undefined)}/${encodeURIComponent(ref.name)}`;
    await requestJson(url, { signal, accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' });
    return { ...one, isThere: true };
  } catch (error) {
    if (signal.aborted) throw error;
    return isApiError(error, 404) ? { ...one, isThere: false } : one;
  }
}

function relatedOf(
  { metadata }: KubeObject,
  kind: Kind | undefined,
  kindName: string,
  why: readonly string[],
): Related {
  return { kindName, kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '', why, isThere: true };
}

function kindOf(group: string, name: string): Kind | undefined {
  return kinds.peek()?.find((one) => one.kind === name && one.group === group);
}
