import { useEffect, useState } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { requestJson } from '../api/http.ts';
import type { Kind } from '../api/kinds.ts';
import type { ViewProps } from '../app/registry.ts';
import { href, queryValue, setQuery } from '../app/router.ts';
import { useTopBar } from '../app/top-bar.tsx';
import type { Chosen } from './answer.tsx';
import { Begin } from './begin.tsx';
import { Conflicts } from './conflicts.tsx';
import { History } from './history.tsx';
import { Policies } from './policies.tsx';
import { ownershipTexts as t } from './texts.ts';

const VIEWS = ['conflicts', 'history', 'policies'] as const;

/** Who owns which field of a kind or a namespace, who takes them from whom, and which policies decide. */
export default function OwnershipView({ params }: ViewProps) {
  const view = VIEWS.find((one) => one === params.view) ?? 'conflicts';
  const [kindPath, namespace] = [queryValue('kind'), queryValue('namespace')];
  const chosen = { kind: kinds.value?.find(({ path }) => path === kindPath), namespace };
  useTopBar(<h1>{t.title}</h1>, `${t[view]} · ${t.title}`);
  const [namespaces, setNamespaces] = useState<readonly string[]>([]);
  useEffect(() => {
    requestJson<{ items: { metadata: { name: string } }[] }>('/k8s/api/v1/namespaces?limit=500').then(
      ({ items }) => setNamespaces(items.map(({ metadata }) => metadata.name)),
      () => {},
    );
  }, []);
  if (kinds.value === undefined) return <div class="pending" role="status" />;
  const key = `${kindPath} ${namespace}`;
  return (
    <div class="detail">
      <nav class="tabs" aria-label={t.tabs}>
        {VIEWS.map((one) => (
          <a key={one} href={hrefOf(one)} aria-current={one === view ? 'page' : undefined}>
            {t[one]}
          </a>
        ))}
      </nav>
      <div class="tab-panel">
        {view !== 'policies' && (
          <Choice chosen={chosen} all={kinds.value} namespaces={namespaces} needsKind={view === 'history'} />
        )}
        {view === 'conflicts' &&
          (chosen.kind === undefined && namespace === undefined ? (
            <Begin view="conflicts" title={t.chooseNamespace} namespaces={namespaces} />
          ) : (
            <Conflicts key={key} chosen={chosen} />
          ))}
        {view === 'history' &&
          (chosen.kind === undefined ? (
            <Begin view="history" title={t.beginHistory} body={t.beginHistoryBody} namespaces={namespaces} />
          ) : (
            <History key={key} chosen={chosen} />
          ))}
        {view === 'policies' && <Policies />}
      </div>
    </div>
  );
}

/** What is looked at goes along. */
function hrefOf(view: (typeof VIEWS)[number]): string {
  const query = new URLSearchParams();
  for (const name of ['kind', 'namespace']) {
    const value = queryValue(name);
    if (value !== undefined) query.set(name, value);
  }
  return href(`/ownership/${view}${query.size === 0 ? '' : `?${query.toString().replaceAll('%2F', '/')}`}`);
}

function Choice(props: {
  readonly chosen: Chosen;
  readonly all: readonly Kind[];
  readonly namespaces: readonly string[];
  readonly needsKind: boolean;
}) {
  const { chosen, all, namespaces, needsKind } = props;
  const known = chosen.namespace === undefined || namespaces.includes(chosen.namespace);
  return (
    <div class="tools">
      <label class="inline">
        <span class="soft">{t.of}</span>
        <select value={chosen.kind?.path ?? ''} onChange={(event) => setQuery({ kind: event.currentTarget.value })}>
          <option value="">{needsKind ? '—' : t.anyKind}</option>
          {all
            .filter(({ verbs }) => verbs.includes('list'))
            .map(({ path, kind, group }) => (
              <option key={path} value={path}>
                {group === '' ? kind : `${kind} (${group})`}
              </option>
            ))}
        </select>
      </label>
      {chosen.kind?.namespaced !== false && (
        <label class="inline">
          <span class="soft">{t.in}</span>
          <select
            value={chosen.namespace ?? ''}
            onChange={(event) => setQuery({ namespace: event.currentTarget.value })}
          >
            <option value="">{t.everywhere}</option>
            {(known ? namespaces : [chosen.namespace!, ...namespaces]).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
