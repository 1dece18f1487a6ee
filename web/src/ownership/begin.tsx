import { useEffect, useState } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { number } from '../i18n/number.ts';
import { ownershipTexts as t } from './texts.ts';

/** Kinds whose fields have more than one owner most often. */
const COMMON = [
  'apps/v1/deployments',
  'apps/v1/statefulsets',
  'apps/v1/daemonsets',
  'core/v1/services',
  'core/v1/configmaps',
  'networking.k8s.io/v1/ingresses',
  'autoscaling/v2/horizontalpodautoscalers',
  'batch/v1/cronjobs',
];

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** What one may begin with: kinds that managers share most, with how many objects there are; and namespaces. */
export function Begin(props: {
  readonly view: 'conflicts' | 'history';
  readonly title: string;
  readonly body?: string;
  readonly namespaces: readonly string[];
}) {
  const { view, title, body } = props;
  const counts = useCounts(COMMON.flatMap((path) => kinds.value?.find((kind) => kind.path === path) ?? []));
  return (
    <div class="pane begin">
      <h2>{title}</h2>
      {body && <p class="soft">{body}</p>}
      <div class="counts">
        <section>
          <h3>{t.commonKinds}</h3>
          <ul>
            {counts.map(({ kind, count }) => (
              <li key={kind.path}>
                <a href={href(`/ownership/${view}?kind=${kind.path}`)}>
                  <span translate={false}>{kind.kind}</span>
                  <span class="number">{count === undefined ? '' : number(count)}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
        {view === 'conflicts' && props.namespaces.length > 0 && (
          <section>
            <h3>{t.namespaces}</h3>
            <ul>
              {props.namespaces.slice(0, 30).map((name) => (
                <li key={name}>
                  <a href={href(`/ownership/${view}?namespace=${encodeURIComponent(name)}`)} translate={false}>
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

interface Counted {
  readonly kind: Kind;
  /** Undefined: not known yet, or may not be. */
  readonly count: number | undefined;
}

/** How many objects of each kind there are; those that there are come first. */
function useCounts(of: readonly Kind[]): readonly Counted[] {
  const [found, setFound] = useState<readonly Counted[]>();
  useEffect(() => {
    const abort = new AbortController();
    Promise.all(of.map(async (kind) => ({ kind, count: await countOf(kind, abort.signal) }))).then((counted) => {
      if (!abort.signal.aborted) setFound(counted.toSorted((a, b) => Number(b.count ?? 0) - Number(a.count ?? 0)));
    });
    return () => abort.abort();
  }, []);
  return found ?? of.map((kind) => ({ kind, count: undefined }));
}

async function countOf(kind: Kind, signal: AbortSignal): Promise<number | undefined> {
  interface List {
    readonly items?: readonly unknown[];
    readonly metadata?: { readonly remainingItemCount?: number };
  }
  const answer = requestJson<List>(`/k8s${collectionPath(kind)}?limit=1`, { accept: METADATA_LIST, signal });
  const list = await answer.catch(() => undefined);
  return list && (list.items?.length ?? 0) + (list.metadata?.remainingItemCount ?? 0);
}
