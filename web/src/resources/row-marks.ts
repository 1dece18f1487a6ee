import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { setQuery, url } from '../app/router.ts';
import { ROW_PX } from './grid.tsx';
import { readListAddress } from './list-address.ts';
import type { Row } from './row.ts';
import type { TableList } from './table-list.ts';

/** So many names of what is selected stand in the address at most. */
const MOST_NAMED = 50;

export type RowMarks = ReturnType<typeof useRowMarks>;

/** Where the cursor of a list is and what is selected, which the address names; and how both move. */
export function useRowMarks(list: TableList, namespace: string | undefined) {
  const address = readListAddress(url.value.searchParams);
  const cursor = useSignal<string | undefined>(undefined);
  const selected = useSignal<ReadonlySet<string>>(new Set());
  /** What the grid stands in. */
  const place = useRef<HTMLDivElement>(null);
  // what the address chooses and is not there yet
  const wanted = useRef(new Set(address.selected));
  const { rows } = list;

  useEffect(() => {
    if (wanted.current.size === 0) return;
    const found = rows.rows().filter((row) => wanted.current.delete(nameInList(row, namespace)));
    if (found.length > 0) selected.value = new Set([...selected.peek(), ...found.map((row) => row.id)]);
    cursor.value ??= found[0]?.id;
    if (list.state.peek().phase !== 'loading') wanted.current.clear();
  }, [rows.size, list.state.value.phase]);

  const moves = useMemo(() => {
    let anchor: string | undefined;
    const grid = (): HTMLElement | null | undefined => place.current?.querySelector<HTMLElement>('.grid');
    const select = (next: ReadonlySet<string>): void => {
      wanted.current.clear();
      selected.value = next;
      const chosen = [...next].slice(0, MOST_NAMED).flatMap((id) => rows.get(id) ?? []);
      setQuery({ sel: chosen.map((row) => nameInList(row, namespace)).join() }, { replace: true });
    };
    const move = (steps: number): void => {
      const at = cursor.peek() === undefined ? -1 : rows.indexOf(cursor.peek()!);
      const to = at < 0 ? (steps > 0 ? 0 : rows.shownCount - 1) : at + steps;
      cursor.value = rows.at(Math.max(0, Math.min(rows.shownCount - 1, to)))?.id;
      grid()?.focus({ preventScroll: true });
    };
    const toggle = (id: string, range: boolean): void => {
      const next = new Set(selected.peek());
      if (range && anchor !== undefined && rows.indexOf(anchor) >= 0) {
        const ends = [rows.indexOf(anchor), rows.indexOf(id)].sort((a, b) => a - b) as [number, number];
        for (let index = ends[0]; index <= ends[1]; index++) next.add(rows.at(index)!.id);
      } else if (!next.delete(id)) next.add(id);
      anchor = id;
      cursor.value = id;
      select(next);
    };
    return {
      focusGrid(): void {
        grid()?.focus({ preventScroll: true });
        if (cursor.peek() === undefined || rows.indexOf(cursor.peek()!) < 0) cursor.value = rows.at(0)?.id;
      },
      toTop(): void {
        // asking for what is so already costs a layout of the old rows
        const element = grid();
        if (element && element.scrollTop > 0) element.scrollTop = 0;
      },
      move,
      movePage: (pages: number): void =>
        move(pages * Math.max(1, Math.floor((place.current?.clientHeight ?? 600) / ROW_PX) - 2)),
      toggle,
      /** Moves the cursor and takes into the selection what it comes to. */
      extend(steps: number): void {
        const id = cursor.peek();
        if (id === undefined) return move(steps);
        if (anchor === undefined || !selected.peek().has(id)) toggle(id, false);
        move(steps);
        const next = cursor.peek();
        if (next !== undefined && next !== id) toggle(next, true);
      },
      toggleAll(): void {
        const isAll = selected.peek().size === rows.shownCount;
        select(new Set(isAll ? [] : rows.shownRows().map((row) => row.id)));
      },
      clear: (): void => select(new Set()),
    };
  }, [list]);
  return { ...moves, cursor, selected, place };
}

/** How the address names an object of a list. */
function nameInList(row: Row, namespace: string | undefined): string {
  return namespace || row.namespace === '' ? row.name : `${row.namespace}/${row.name}`;
}
