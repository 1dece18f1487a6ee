import { useLayoutEffect, useRef } from 'preact/hooks';
import { discover, kindAt, kinds } from '../api/discovery.ts';
import { type Kind, listHref } from '../api/kinds.ts';
import { useKeys } from '../app/keyboard.ts';
import type { ViewProps } from '../app/registry.ts';
import { href, moves, navigate, setQuery, url } from '../app/router.ts';
import { moment, shownRevision } from '../app/time.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { Notice } from '../ui/notice.tsx';
import { EmptyList } from './empty-list.tsx';
import { Grid } from './grid.tsx';
import { nextSort, readListAddress } from './list-address.ts';
import { ListBar } from './list-bar.tsx';
import { fieldsOf, useList, useListModel } from './list-model.ts';
import { ListNotice, NoSuchState } from './list-notice.tsx';
import { NamespaceChooser } from './namespace-chooser.tsx';
import { ownWidths, setOwnWidth } from './own-widths.ts';
import type { TableList } from './table-list.ts';
import { resourceTexts as t } from './texts.ts';

/** The objects of a kind. */
export default function ListView({ params }: ViewProps) {
  const { group, version, resource, namespace } = params;
  const kind = kindAt(group!, version!, resource!);
  const moved = kind
    ? undefined
    : kinds.value?.find((one) => one.resource === resource && (one.group || 'core') === group);
  useTopBar(kind ? undefined : <h1 translate={false}>{resource}</h1>, kind?.kind ?? resource!);
  if (kinds.value === undefined) return <div class="pending" role="status" aria-label={t.loadingKinds} />;
  if (!kind)
    return (
      <Notice icon="warning" title={t.notServed(`${resource}.${group}/${version}`)}>
        <p>{t.notServedBody}</p>
        {moved && (
          <a class="button" href={href(listHref(moved, namespace))}>
            {t.servedAs(moved.version)}
          </a>
        )}
        <button type="button" onClick={() => void discover()}>
          {t.lookAgain}
        </button>
      </Notice>
    );
  if (moment.value.state === 'finding') return <div class="pending" role="status" aria-label={t.loadingKinds} />;
  if (moment.value.state === 'none') return <NoSuchState status={moment.value.status} />;
  return <KindList key={`${kind.path}/${namespace ?? ''}`} kind={kind} namespace={namespace} />;
}

function KindList({ kind, namespace }: { readonly kind: Kind; readonly namespace: string | undefined }) {
  const { filter, columns } = readListAddress(url.value.searchParams);
  const list = useList({ kind, namespace, fields: fieldsOf(filter, columns), revision: shownRevision.value });
  const chooser = useRef<() => void>(() => {});
  const model = useListModel(list, kind, namespace, () => chooser.current());
  const { marks, address } = model;
  const { rows } = list;
  const state = list.state.value;
  useTopBar(
    <>
      <h1 translate={false}>{kind.kind}</h1>
      {kind.namespaced && (
        <NamespaceChooser
          namespace={namespace}
          onChoose={(next) => navigate(href(listHref(kind, next)) + keptQuery())}
          opener={(open) => {
            chooser.current = open;
          }}
        />
      )}
    </>,
    namespace ? `${kind.kind} · ${namespace}` : kind.kind,
  );
  useKeys(model.keys);
  const ready = list.columns.value.length > 0;
  useLayoutEffect(() => {
    // who came from another view goes on with the rows; who opened the page begins at its begin
    if (ready && moves.peek() > 0 && document.activeElement === document.body) marks.focusGrid();
  }, [ready]);
  if (state.phase === 'failed')
    return <ListNotice kind={kind} status={state.status} namespace={namespace} again={() => list.again()} />;
  return (
    <div class="list">
      <ListBar list={list} model={model} kind={kind} namespace={namespace} />
      <Loading list={list} />
      <div class="grid-place" ref={marks.place}>
        {ready && (
          <Grid
            label={t.listOf(kind.kind)}
            rows={rows}
            version={list.version.value}
            columns={model.columns}
            sort={address.sort}
            descending={address.descending}
            onSort={(column) =>
              setQuery({ sort: nextSort(readListAddress(url.peek().searchParams), column) }, { replace: true })
            }
            ownWidths={ownWidths(kind.path).value}
            onWidth={(column, px) => setOwnWidth(kind.path, column, px)}
            cursor={marks.cursor.value}
            onCursor={(id) => {
              marks.cursor.value = id;
            }}
            selected={marks.selected.value}
            onToggle={marks.toggle}
            onToggleAll={marks.toggleAll}
            hrefOf={model.hrefOf}
            onOpen={model.open}
          />
        )}
        {state.phase !== 'loading' && rows.shownCount === 0 && (
          <EmptyList
            kind={kind}
            namespace={namespace}
            filtered={rows.size > 0}
            clearFilter={() => model.setFilter('')}
          />
        )}
      </div>
    </div>
  );
}

function Loading({ list }: { readonly list: TableList }) {
  const state = list.state.value;
  if (state.phase !== 'loading') return null;
  const { total } = state;
  return <progress max={total ?? undefined} value={total ? list.rows.size : undefined} aria-label={t.loadingKinds} />;
}

/** What goes along to the list of another namespace. */
function keptQuery(): string {
  const kept = new URLSearchParams(url.peek().searchParams);
  kept.delete('sel');
  for (const name of ['at', 'lang', 'theme']) kept.delete(name);
  const text = String(kept);
  return text === '' ? '' : `${href('/').includes('?') ? '&' : '?'}${text}`;
}
