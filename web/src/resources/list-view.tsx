import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { discover, kindAt, kinds } from '../api/discovery.ts';
import { type Kind, listHref, objectHref } from '../api/kinds.ts';
import { useKeys } from '../app/keyboard.ts';
import type { Key, ViewProps } from '../app/registry.ts';
import { href, moves, navigate, setQuery, url } from '../app/router.ts';
import { moment, shownRevision } from '../app/time.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { DeleteChosen, NewLink } from '../edit/list-actions.tsx';
import { Notice } from '../ui/notice.tsx';
import { toast } from '../ui/toasts.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { cellOf, type Column, momentOf, shownColumns } from './columns.ts';
import { compileFilter, parseFilter } from './filter.ts';
import { FilterField } from './filter-field.tsx';
import { Grid } from './grid.tsx';
import { nextSort, readListAddress, toggleColumn } from './list-address.ts';
import { acquireList, releaseList } from './list-cache.ts';
import { ListNotice, NoSuchState } from './list-notice.tsx';
import { parseDuration, sortKey } from './measure.ts';
import { NamespaceChooser } from './namespace-chooser.tsx';
import type { Row } from './row.ts';
import type { ListSource, TableList } from './table-list.ts';
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
  const address = readListAddress(url.value.searchParams);
  const fields = fieldsOf(address.filter, address.columns);
  const revision = shownRevision.value;
  const list = useList({ kind, namespace, fields, revision });
  const model = useListModel(list, kind, namespace);
  const { rows } = list;
  const state = list.state.value;
  const title = kind.kind;
  const chooser = useRef<() => void>(() => {});
  useTopBar(
    <>
      <h1 translate={false}>{title}</h1>
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
    namespace ? `${title} · ${namespace}` : title,
  );
  useKeys(model.keys);
  const ready = list.columns.value.length > 0;
  useEffect(() => {
    // who came from another view goes on with the rows; who opened the page begins at its begin
    if (ready && moves.peek() > 0 && document.activeElement === document.body) model.focusGrid();
  }, [ready]);
  useKeys(
    useMemo((): readonly Key[] => [{ keys: 'n', title: () => t.keyNamespace, run: () => chooser.current() }], []),
  );
  if (state.phase === 'failed')
    return <ListNotice kind={kind} status={state.status} namespace={namespace} again={() => list.again()} />;
  const shown = rows.shownCount;
  const loading = state.phase === 'loading';
  const selected = model.selected.value;
  return (
    <div class="list">
      <div class="tool-bar">
        <FilterField
          text={model.filterText.value}
          problems={model.filter.problems}
          onText={model.setFilter}
          onLeave={model.focusGrid}
          onDone={model.keepFilter}
          field={model.field}
        />
        <span class="count" role="status">
          {selected.size > 0 ? (
            <>
              {t.selected(selected.size)}
              <button type="button" class="quiet" onClick={model.copyNames}>
                {t.copyNames}
              </button>
              <button type="button" class="quiet" onClick={model.clearSelection}>
                {t.clearSelection}
              </button>
              <DeleteChosen
                kind={kind}
                rows={() => [...selected].flatMap((id) => rows.get(id) ?? [])}
                onDeleted={model.clearSelection}
              />
            </>
          ) : loading && state.total !== undefined ? (
            t.loadingCount(rows.size, state.total)
          ) : shown === rows.size ? (
            t.count(rows.size)
          ) : (
            t.countOf(shown, rows.size)
          )}
        </span>
        <Liveness phase={state.phase} />
        <NewLink kind={kind} namespace={namespace} />
        <ColumnChooser
          columns={list.columns.value}
          shown={model.columns}
          onToggle={model.toggleColumn}
          onReset={() => setQuery({ cols: undefined })}
        />
      </div>
      {loading && (
        <progress
          max={state.total ?? undefined}
          value={state.total ? rows.size : undefined}
          aria-label={t.loadingKinds}
        />
      )}
      <div class="grid-place" ref={model.place}>
        {list.columns.value.length > 0 && (
          <Grid
            label={t.listOf(title)}
            rows={rows}
            version={list.version.value + model.changes.value}
            columns={model.columns}
            sort={address.sort}
            descending={address.descending}
            onSort={(column) => setQuery({ sort: nextSort(address, column) }, { replace: true })}
            cursor={model.cursor.value}
            onCursor={(id) => {
              model.cursor.value = id;
            }}
            selected={selected}
            onToggle={model.toggle}
            onToggleAll={model.toggleAll}
            hrefOf={model.hrefOf}
            onOpen={model.open}
          />
        )}
        {!loading && shown === 0 && (
          <Nothing kind={kind} namespace={namespace} filtered={rows.size > 0} clear={() => model.setFilter('')} />
        )}
      </div>
    </div>
  );
}

/** What goes along to the list of another namespace. */
function keptQuery(): string {
  const kept = new URLSearchParams(url.peek().searchParams);
  kept.delete('sel');
  for (const name of ['at', 'lang', 'theme']) kept.delete(name);
  const text = String(kept);
  return text === '' ? '' : `${href('/').includes('?') ? '&' : '?'}${text}`;
}

function Liveness({ phase }: { readonly phase: string }) {
  const text = { live: t.live, loading: t.loadingKinds, still: t.still, waiting: t.waiting }[phase] ?? '';
  return (
    <span class={`liveness ${phase}`} title={text} role="img" aria-label={text}>
      <span />
    </span>
  );
}

function Nothing(props: {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly filtered: boolean;
  readonly clear: () => void;
}) {
  if (props.filtered)
    return (
      <Notice icon="search" title={t.nothingMatches}>
        <button type="button" onClick={props.clear}>
          {t.clearFilter}
        </button>
      </Notice>
    );
  return (
    <Notice icon="cube" title={props.namespace ? t.noneIn(props.kind.kind, props.namespace) : t.none(props.kind.kind)}>
      <p>{t.noneBody}</p>
      {props.namespace && (
        <a class="button" href={href(listHref(props.kind))}>
          {t.inAllNamespaces}
        </a>
      )}
    </Notice>
  );
}

/** Paths of the fields that filter and columns speak of, in one order whatever the order in the address. */
function fieldsOf(filter: string, columns: readonly string[] | undefined): readonly string[] {
  const ofColumns = (columns ?? []).filter((id) => id.startsWith('.'));
  return [...new Set([...parseFilter(filter, []).fields, ...ofColumns])].sort();
}

function useList(source: ListSource): TableList {
  const key = JSON.stringify([source.kind.path, source.namespace, source.fields, source.revision]);
  const list = useMemo(() => acquireList(source), [key]);
  useEffect(() => () => releaseList(source), [key]);
  return list;
}

/** What the view keeps of itself, and does: the filter, the cursor, the selection. */
function useListModel(list: TableList, kind: Kind, namespace: string | undefined) {
  const address = readListAddress(url.value.searchParams);
  const definitions = list.columns.value;
  const filterText = useSignal(address.filter);
  const cursor = useSignal<string | undefined>(undefined);
  const selected = useSignal<ReadonlySet<string>>(new Set());
  const changes = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const writing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { rows } = list;

  // the address may be another by back and forward
  useEffect(() => {
    clearTimeout(writing.current);
    filterText.value = address.filter;
  }, [address.filter]);
  useEffect(() => () => clearTimeout(writing.current), []);

  const filter = useMemo(() => parseFilter(filterText.value, definitions), [filterText.value, definitions]);
  useMemo(() => rows.filterBy(compileFilter(filter, definitions, Date.now)), [filter, list]);
  const columns = useMemo(() => shownColumns(definitions, address.columns), [definitions, address.columns?.join()]);
  useMemo(() => {
    // what is not called by a name but by when it was, as events, is in the order of time
    const wanted = address.sort ?? (definitions[0]?.time && definitions[0].id);
    const column = [...columns, ...definitions].find((one) => one.id === wanted);
    rows.sortBy({ keyOf: column ? keyOf(column) : (row) => sortKey(row.name, 'text'), descending: address.descending });
  }, [list, columns, address.sort, address.descending]);

  // what the address chooses and is not there yet
  const wanted = useRef(new Set(address.selected));
  const setSelected = (next: ReadonlySet<string>): void => {
    wanted.current.clear();
    selected.value = next;
    const names = [...next].slice(0, 50).flatMap((id) => rows.get(id) ?? []);
    setQuery({ sel: names.map((row) => selector(row, namespace)).join() }, { replace: true });
  };
  useEffect(() => {
    if (wanted.current.size === 0) return;
    const found = rows.rows().filter((row) => wanted.current.delete(selector(row, namespace)));
    if (found.length > 0) selected.value = new Set([...selected.peek(), ...found.map((row) => row.id)]);
    cursor.value ??= found[0]?.id;
    if (list.state.peek().phase !== 'loading') wanted.current.clear();
  }, [rows.size, list.state.value.phase]);

  const actions = useMemo(() => {
    const focusGrid = (): void => {
      place.current?.querySelector<HTMLElement>('.grid')?.focus({ preventScroll: true });
      if (cursor.peek() === undefined || rows.indexOf(cursor.peek()!) < 0) cursor.value = rows.at(0)?.id;
    };
    const move = (steps: number) => (): void => {
      const at = cursor.peek() === undefined ? -1 : rows.indexOf(cursor.peek()!);
      const to = at < 0 ? (steps > 0 ? 0 : rows.shownCount - 1) : at + steps;
      cursor.value = rows.at(Math.max(0, Math.min(rows.shownCount - 1, to)))?.id;
      place.current?.querySelector<HTMLElement>('.grid')?.focus({ preventScroll: true });
    };
    const pageRows = (): number => Math.max(1, Math.floor((place.current?.clientHeight ?? 600) / 30) - 2);
    let anchor: string | undefined;
    const toggle = (id: string, range: boolean): void => {
      const next = new Set(selected.peek());
      if (range && anchor !== undefined && rows.indexOf(anchor) >= 0) {
        const ends = [rows.indexOf(anchor), rows.indexOf(id)].sort((a, b) => a - b) as [number, number];
        for (let index = ends[0]; index <= ends[1]; index++) next.add(rows.at(index)!.id);
      } else if (!next.delete(id)) next.add(id);
      anchor = id;
      cursor.value = id;
      setSelected(next);
    };
    const extend = (steps: number) => (): void => {
      const id = cursor.peek();
      if (id === undefined) return move(steps)();
      if (anchor === undefined || !selected.peek().has(id)) toggle(id, false);
      move(steps)();
      const next = cursor.peek();
      if (next !== undefined && next !== id) toggle(next, true);
    };
    const open = (row: Row): void => navigate(href(objectHref(kind, row.name, row.namespace || undefined)));
    const atCursor = (then: (row: Row) => void) => (): void | false => {
      if (document.activeElement?.matches('a, button, summary, select')) return false;
      const row = cursor.peek() === undefined ? undefined : rows.get(cursor.peek()!);
      return row ? then(row) : false;
    };
    const toggleAll = (): void => {
      const all = selected.peek().size === rows.shownCount;
      setSelected(new Set(all ? [] : rows.shownRows().map((row) => row.id)));
    };
    const clearSelection = (): void => setSelected(new Set());
    const setFilter = (text: string): void => {
      filterText.value = text;
      place.current?.querySelector('.grid')?.scrollTo({ top: 0 });
      clearTimeout(writing.current);
      // the address follows when one has stopped typing
      writing.current = setTimeout(() => setQuery({ filter: text }, { replace: true }), 250);
    };
    // who goes on to the rows, or to another view, before that comes back to what was typed all the same
    const keepFilter = (): void => {
      clearTimeout(writing.current);
      const filter = filterText.peek();
      if (readListAddress(url.peek().searchParams).filter !== filter) setQuery({ filter }, { replace: true });
    };
    const keys: readonly Key[] = [
      { keys: '/', title: () => t.filter, run: () => field.current?.select() },
      { keys: 'ArrowDown', title: () => t.keyNext, run: move(1) },
      { keys: 'j', title: () => t.keyNext, run: move(1) },
      { keys: 'ArrowUp', title: () => t.keyPrevious, run: move(-1) },
      { keys: 'k', title: () => t.keyPrevious, run: move(-1) },
      { keys: 'PageDown', title: () => t.keyPage, run: () => move(pageRows())() },
      { keys: 'PageUp', title: () => t.keyPage, run: () => move(-pageRows())() },
      { keys: 'Home', title: () => t.keyFirst, run: move(-Number.MAX_SAFE_INTEGER) },
      { keys: 'End', title: () => t.keyLast, run: move(Number.MAX_SAFE_INTEGER) },
      { keys: 'Enter', title: () => t.keyOpen, run: atCursor(open) },
      { keys: 'x', title: () => t.keySelect, run: atCursor((row) => toggle(row.id, false)) },
      { keys: 'Space', title: () => t.keySelect, run: atCursor((row) => toggle(row.id, false)) },
      { keys: 'shift+ArrowDown', title: () => t.keyExtend, run: extend(1) },
      { keys: 'shift+ArrowUp', title: () => t.keyExtend, run: extend(-1) },
      { keys: 'mod+a', title: () => t.selectAll, run: toggleAll },
      {
        keys: 'Escape',
        title: () => t.keyEscape,
        run: () => {
          if (selected.peek().size > 0) return clearSelection();
          return filterText.peek() === '' ? false : setFilter('');
        },
      },
    ];
    return { focusGrid, toggle, toggleAll, clearSelection, open, setFilter, keepFilter, keys };
  }, [list]);

  const hrefOf = useMemo(
    () => (row: Row) => href(objectHref(kind, row.name, row.namespace || undefined)),
    [kind, url.value.searchParams.get('at')],
  );
  const copyNames = (): void => {
    const names = [...selected.peek()].flatMap((id) => rows.get(id)?.name ?? []);
    navigator.clipboard.writeText(names.join('\n')).then(
      () => toast(t.copied(names.length)),
      (error: Error) => toast(error.message, 'bad'),
    );
  };
  const shownIds = columns.map((column) => column.id);
  return {
    ...actions,
    filterText,
    filter,
    columns,
    cursor,
    selected,
    changes,
    field,
    place,
    hrefOf,
    copyNames,
    toggleColumn: (id: string) =>
      setQuery({
        cols: toggleColumn(
          shownIds,
          definitions.filter((column) => column.standard).map((column) => column.id),
          id,
          definitions.map((column) => column.id),
        ),
      }),
  };
}

/** How the address names an object of a list. */
const selector = (row: Row, namespace: string | undefined): string =>
  namespace || row.namespace === '' ? row.name : `${row.namespace}/${row.name}`;

/** By what a column is put in order: the youngest of an age first. */
function keyOf(column: Column): (row: Row) => number | string | undefined {
  if (column.time === 'created') return (row) => (row.createdMs === 0 ? undefined : -row.createdMs);
  if (column.time === 'ago')
    return (row) => {
      const ms = momentOf(row, column, parseDuration);
      return ms === undefined ? undefined : -ms;
    };
  return (row) => sortKey(cellOf(row, column), column.measure);
}
