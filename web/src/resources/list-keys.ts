import type { Key } from '../app/registry.ts';
import type { Row } from './row.ts';
import type { RowMarks } from './row-marks.ts';
import type { SortedRows } from './sorted-rows.ts';
import { resourceTexts as t } from './texts.ts';

/** The keys of a list. */
export function listKeys(props: {
  readonly rows: SortedRows;
  readonly marks: RowMarks;
  readonly open: (row: Row) => void;
  readonly focusFilter: () => void;
  readonly clearFilter: () => void | false;
  readonly chooseNamespace: () => void;
}): readonly Key[] {
  const { rows, marks } = props;
  const atCursor = (then: (row: Row) => void) => (): void | false => {
    if (document.activeElement?.matches('a, button, summary, select')) return false;
    const id = marks.cursor.peek();
    // what the filter hides is not what one means
    const row = id === undefined ? undefined : rows.at(rows.indexOf(id));
    return row ? then(row) : false;
  };
  const select = atCursor((row) => marks.toggle(row.id, false));
  const key = (keys: string, title: () => string, run: Key['run']): Key => ({ keys, title, run });
  return [
    key('/', () => t.filter, props.focusFilter),
    key(
      'ArrowDown',
      () => t.keyNext,
      () => marks.move(1),
    ),
    key(
      'j',
      () => t.keyNext,
      () => marks.move(1),
    ),
    key(
      'ArrowUp',
      () => t.keyPrevious,
      () => marks.move(-1),
    ),
    key(
      'k',
      () => t.keyPrevious,
      () => marks.move(-1),
    ),
    key(
      'PageDown',
      () => t.keyPage,
      () => marks.movePage(1),
    ),
    key(
      'PageUp',
      () => t.keyPage,
      () => marks.movePage(-1),
    ),
    key(
      'Home',
      () => t.keyFirst,
      () => marks.move(-Number.MAX_SAFE_INTEGER),
    ),
    key(
      'End',
      () => t.keyLast,
      () => marks.move(Number.MAX_SAFE_INTEGER),
    ),
    key('Enter', () => t.keyOpen, atCursor(props.open)),
    key('x', () => t.keySelect, select),
    key('Space', () => t.keySelect, select),
    key(
      'shift+ArrowDown',
      () => t.keyExtend,
      () => marks.extend(1),
    ),
    key(
      'shift+ArrowUp',
      () => t.keyExtend,
      () => marks.extend(-1),
    ),
    key('mod+a', () => t.selectAll, marks.toggleAll),
    key(
      'Escape',
      () => t.keyEscape,
      () => {
        if (marks.selected.peek().size > 0) return marks.clear();
        return props.clearFilter();
      },
    ),
    key('n', () => t.keyNamespace, props.chooseNamespace),
  ];
}
