import type { Key } from '../app/registry.ts';
import type { RowCursor } from '../ui/row-cursor.ts';
import { kepTexts as t } from './texts.ts';

/**
 * Keys that move a cursor through what is listed, and open what it is at.
 *
 * @param focus moves the focus to the list, and the row of the cursor into sight
 */
export function cursorKeys<Row>(
  cursor: RowCursor<Row>,
  list: { readonly page: () => number; readonly focus: () => void },
  open: (row: Row) => void | false,
): readonly Key[] {
  const move = (steps: number) => (): void => {
    cursor.move(steps);
    list.focus();
  };
  const atCursor = (): void | false => {
    if (document.activeElement?.matches('a, button, summary, select')) return false;
    const { row } = cursor;
    return row === undefined ? false : open(row);
  };
  const whole = Number.MAX_SAFE_INTEGER;
  return [
    { keys: 'j', title: () => t.keyNext, run: move(1) },
    { keys: 'ArrowDown', title: () => t.keyNext, run: move(1) },
    { keys: 'k', title: () => t.keyPrevious, run: move(-1) },
    { keys: 'ArrowUp', title: () => t.keyPrevious, run: move(-1) },
    { keys: 'PageDown', title: () => t.keyPage, run: () => move(list.page())() },
    { keys: 'PageUp', title: () => t.keyPage, run: () => move(-list.page())() },
    { keys: 'Home', title: () => t.keyFirst, run: move(-whole) },
    { keys: 'End', title: () => t.keyLast, run: move(whole) },
    { keys: 'Enter', title: () => t.keyOpen, run: atCursor },
  ];
}
