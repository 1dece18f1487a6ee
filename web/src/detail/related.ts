import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { kinds } from '../api/discovery.ts';
import { isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { customKinds } from './custom-kinds.ts';
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
  const lists = new Lists(signal, MOST);
  const { namespace } = object.metadata;
  const [named, selected, users, selectors] = await Promise.all([
    Promise.all(merged(referencesOf(object)).map((ref) => withPresence(ref, signal))),
    Promise.all(
      selectionsOf(object).map(async (selection) => {
        const of = kindOf(selection.group, selection.kind);
        const items = await lists.read(of, selection.namespace, { labelSelector: selection.labelSelector });
        return items.map((item) => relatedOf(item, of, selection.kind, [selection.labelSelector]));
      }),
    ),
    Promise.all(
      usersOf(kind.group, kind.kind).map(async ([group, name]) => {
        const of = kindOf(group, name);
        return of === undefined ? [] : naming(await lists.read(of, namespace), of, object, kind);
      }),
    ),
    kind.kind === 'Pod' && kind.group === '' ? selectorsOfPod(object, lists) : [],
  ]);
  return { named, selected: selected.flat(), users: users.flat(), selectors, refused: [...lists.refused] };
}

/** What custom objects mention an object. */
export interface Mentions {
  readonly found: readonly Related[];
  /** Kinds that may not be listed. */
  readonly refused: readonly string[];
  /** Kinds of which only some objects were looked at, since there are many. */
  readonly cut: readonly string[];
}

/** Objects of each custom kind that are looked at. */
const MOST_OF_CUSTOM = 500;
/** So many kinds at once. */
const AT_ONCE = 4;

/** The custom kinds whose objects may mention one of a kind and be found by that: a request each. */
export function mentioningKinds(kind: Kind): readonly Kind[] {
  return customKinds(kinds.value ?? [], usersOf(kind.group, kind.kind));
}

/**
 * Looks for custom objects that mention an object: by its kind and name, or by a field that is called so by convention. Which of their
 * fields mean what, only their operators know; so it is a guess, by the rule that `referencesOf` has for all kinds.
 *
 * @throws Error where the server does not answer
 */
export async function findMentions(object: KubeObject, kind: Kind, signal: AbortSignal): Promise<Mentions> {
  const lists = new Lists(signal, MOST_OF_CUSTOM);
  const all = mentioningKinds(kind);
  const waiting = [...all];
  const found = new Map<Kind, readonly Related[]>();
  const next = async (): Promise<void> => {
    for (let of = waiting.shift(); of !== undefined; of = waiting.shift())
      found.set(of, naming(await lists.read(of, object.metadata.namespace), of, object, kind));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  // in the order of the kinds, whichever was answered first
  return { found: all.flatMap((of) => found.get(of) ?? []), refused: [...lists.refused], cut: [...lists.cut] };
}

/** Objects of a kind that name an object. */
function naming(items: readonly KubeObject[], of: Kind, { metadata }: KubeObject, kind: Kind): Related[] {
  const self = { group: kind.group, kind: kind.kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  return items.flatMap((item) => {
    const why = referencesOf({ ...item, kind: of.kind }).filter((ref) => isTo(ref, self));
    const paths = why.map(({ path }) => path);
    return paths.length === 0 ? [] : [relatedOf(item, of, of.kind, paths)];
  });
}

/** Lists of kinds, and which of them are not to be had, or not whole. */
class Lists {
  readonly refused = new Set<string>();
  readonly cut = new Set<string>();
  readonly #signal: AbortSignal;
  readonly #most: number;

  constructor(signal: AbortSignal, most: number) {
    this.#signal = signal;
    this.#most = most;
  }

  /** The objects of a kind, of the namespace if it has any; none where there is no such kind. */
  async read(
    of: Kind | undefined,
    namespace: string | undefined,
    query: Record<string, string> = {},
  ): Promise<readonly KubeObject[]> {
    if (of === undefined || !of.verbs.includes('list')) return [];
    try {
      const search = new URLSearchParams({ limit: String(this.#most), ...query });
      const url = `/k8s${collectionPath(of, of.namespaced ? namespace : undefined)}?${search}`;
      const list = await requestJson<{ metadata?: { continue?: string }; items: KubeObject[] }>(url, {
        signal: this.#signal,
      });
      if (list.metadata?.continue) this.cut.add(of.kind);
      return list.items;
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (isApiError(error, 403)) this.refused.add(of.kind);
      // the kind has gone
      else if (!isApiError(error, 404)) throw error;
      return [];
    }
  }
}

/** Services that send to a pod; what owns it is in the tree. */
async function selectorsOfPod({ metadata: { labels, namespace } }: KubeObject, lists: Lists): Promise<Related[]> {
  const of = kindOf('', 'Service');
  const services = (await lists.read(of, namespace)) as (KubeObject & { readonly spec?: JsonObject })[];
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
