import { computed, effect, type Signal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { type Kind, objectHref } from '../api/kinds.ts';
import { href, navigate, url } from '../app/router.ts';
import { useTypedFilter } from '../app/typed-filter.ts';
import { useLeave } from '../ui/leave.ts';
import { type Column, cellOf, momentOf, shownColumns } from './columns.ts';
import { compileFilter, type Filter, parseFilter } from './filter.ts';
import { readListAddress } from './list-address.ts';
import { acquireList, releaseList } from './list-cache.ts';
import { listKeys } from './list-keys.ts';
import { parseDuration, sortKey } from './measure.ts';
import type { Row } from './row.ts';
import { useRowMarks } from './row-marks.ts';
import type { ListSource, TableList } from './table-list.ts';

/** The list of a source, while a view shows it. */
export function useList(source: ListSource): TableList {
  const key = JSON.stringify([source.kind.path, source.namespace, source.fields, source.revision]);
  const list = useMemo(() => acquireList(source), [key]);
  useLeave(() => releaseList(source), [key]);
  return list;
}

/** Paths of the fields that filter and columns speak of, in one order whatever the order in the address. */
export function fieldsOf(filter: string, columns: readonly string[] | undefined): readonly string[] {
  const ofColumns = (columns ?? []).filter((id) => id.startsWith('.'));
  return [...new Set([...parseFilter(filter, []).fields, ...ofColumns])].sort();
}

export type ListModel = ReturnType<typeof useListModel>;

/** What the view of a list keeps of itself, and does: the filter, the order, the cursor, the selection. */
export function useListModel(list: TableList, kind: Kind, namespace: string | undefined, chooseNamespace: () => void) {
  const address = readListAddress(url.value.searchParams);
  const definitions = list.columns.value;
  const { rows } = list;
  const typed = useTypedFilter();
  const marks = useRowMarks(list, namespace);
  const field = useRef<HTMLInputElement>(null);
  const filter = useFilter(list, typed.text);
  const columns = useMemo(() => shownColumns(definitions, address.columns), [definitions, address.columns?.join()]);
  useMemo(() => {
    // what is not called by a name but by when it was, as events, is in the order of time
    const wanted = address.sort ?? (definitions[0]?.time && definitions[0].id);
    const column = [...columns, ...definitions].find((one) => one.id === wanted);
    rows.sortBy({ keyOf: column ? keyOf(column) : (row) => sortKey(row.name, 'text'), descending: address.descending });
  }, [list, columns, address.sort, address.descending]);
  const setFilter = (text: string): void => {
    marks.toTop();
    typed.set(text);
  };
  const open = (row: Row): void => navigate(href(objectHref(kind, row.name, row.namespace || undefined)));
  const keys = useMemo(
    () =>
      listKeys({
        rows,
        marks,
        open,
        focusFilter: () => field.current?.select(),
        clearFilter: () => (typed.text.peek() === '' ? false : setFilter('')),
        chooseNamespace,
      }),
    [list],
  );
  const hrefOf = useMemo(
    () => (row: Row) => href(objectHref(kind, row.name, row.namespace || undefined)),
    [kind, url.value.searchParams.get('at')],
  );
  return { address, columns, field, filter, hrefOf, keys, marks, open, setFilter, typed };
}

/** What is typed, read as a filter; the rows are filtered by it before it is drawn, since the next key may be about the first of them. */
function useFilter(list: TableList, text: Signal<string>): Filter {
  const { filter, stop } = useMemo(() => {
    const filter = computed(() => parseFilter(text.value, list.columns.value));
    const stop = effect(() => list.rows.filterBy(compileFilter(filter.value, list.columns.value, Date.now)));
    return { filter, stop };
  }, [list]);
  useLayoutEffect(() => stop, [stop]);
  return filter.value;
}

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
