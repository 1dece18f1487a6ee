import type { Signal } from '@preact/signals';
import type { Key } from '../app/registry.ts';
import { kepTexts as t } from './texts.ts';

/** Keys that move a cursor through what is listed, and open what it is at. */
export function cursorKeys(
  cursor: Signal<number>,
  list: () => { readonly length: number; readonly page: number; readonly focus: () => void },
  open: (index: number) => void,
): readonly Key[] {
  const move = (steps: number) => (): void => {
    const { length, focus } = list();
    const at = cursor.peek();
    const to = at < 0 ? (steps > 0 ? 0 : length - 1) : at + steps;
    cursor.value = Math.max(0, Math.min(length - 1, to));
    focus();
  };
  const atCursor = (): void | false => {
    if (document.activeElement?.matches('a, button, summary, select')) return false;
    const at = cursor.peek();
    return at >= 0 && at < list().length ? open(at) : false;
  };
  const whole = Number.MAX_SAFE_INTEGER;
  return [
    { keys: 'j', title: () => t.keyNext, run: move(1) },
    { keys: 'ArrowDown', title: () => t.keyNext, run: move(1) },
    { keys: 'k', title: () => t.keyPrevious, run: move(-1) },
    { keys: 'ArrowUp', title: () => t.keyPrevious, run: move(-1) },
    { keys: 'PageDown', title: () => t.keyPage, run: () => move(list().page)() },
    { keys: 'PageUp', title: () => t.keyPage, run: () => move(-list().page)() },
    { keys: 'Home', title: () => t.keyFirst, run: move(-whole) },
    { keys: 'End', title: () => t.keyLast, run: move(whole) },
    { keys: 'Enter', title: () => t.keyOpen, run: atCursor },
  ];
}
