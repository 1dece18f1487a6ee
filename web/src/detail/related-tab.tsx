import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { useEffect, useState } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind, objectHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { Notice } from '../ui/notice.tsx';
import { isSelected, isTo, type Reference, referencesOf, selectionsOf, usersOf } from './references.ts';
import { detailTexts as t } from './texts.ts';

/** An object that is related, and how. */
interface Related {
  readonly kindName: string;
  readonly kind: Kind | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Where it is named, or by what it is selected. */
  readonly why: readonly string[];
  /** Whether it is there; undefined: that was not found out. */
  readonly isThere?: boolean;
}

interface Found {
  readonly named: readonly Related[];
  readonly selected: readonly Related[];
  readonly users: readonly Related[];
  readonly selectors: readonly Related[];
  readonly refused: readonly string[];
}

/** Objects of a kind that are looked at for references; beyond that it would be a search of the cluster. */
const MOST = 2000;

export function RelatedTab({ object, kind }: { readonly object: KubeObject; readonly kind: Kind }) {
  const [found, setFound] = useState<Found>();
  const { uid, resourceVersion } = object.metadata;
  useEffect(() => {
    const abort = new AbortController();
    findRelated(object, kind, abort.signal).then(setFound, () => {});
    return () => abort.abort();
  }, [uid, resourceVersion]);
  if (found === undefined) return <div class="pending" />;
  const groups = [
    [t.namedHere, found.named],
    [t.selects, found.selected],
    [t.usedBy, found.users],
    [t.selectedBy, found.selectors],
  ] as const;
  const isNothing = groups.every(([, list]) => list.length === 0);
  return (
    <div class="pane">
      {found.refused.length > 0 && <p class="banner warn">{t.mayNotRead(found.refused.join(', '))}</p>}
      {isNothing && (
        <Notice title={t.nothingRelated}>
          <p>{t.nothingRelatedBody}</p>
        </Notice>
      )}
      <div class="related">
        {groups.map(
          ([title, list]) =>
            list.length > 0 && (
              <section key={title}>
                <h2>{title}</h2>
                <RelatedList list={list} />
              </section>
            ),
        )}
      </div>
    </div>
  );
}

function RelatedList({ list }: { readonly list: readonly Related[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? list : list.slice(0, 50);
  return (
    <>
      <table class="plain">
        <tbody>
          {shown.map((one) => (
            <tr key={`${one.kindName}/${one.namespace}/${one.name}`}>
              <td class="soft nowrap" translate={false}>
                {one.kindName}
              </td>
              <td class="nowrap">
                {one.kind && one.isThere !== false ? (
                  <a href={href(objectHref(one.kind, one.name, one.namespace || undefined))} translate={false}>
                    {one.name}
                  </a>
                ) : (
                  <span class="missing">
                    <span translate={false}>{one.name}</span> <em>{one.kind ? t.missing : t.unknownKind}</em>
                  </span>
                )}
              </td>
              <td class="soft mono" translate={false}>
                {one.why.join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < list.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {t.manyMore(list.length - shown.length)}
        </button>
      )}
    </>
  );
}

async function findRelated(object: KubeObject, kind: Kind, signal: AbortSignal): Promise<Found> {
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
