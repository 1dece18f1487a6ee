import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** The height of the heads of columns: the same as --head of the styles. */
const HEAD_PX = 30;
/** Rows that are drawn beyond what is seen, so that a quick scroll shows them at once. */
const SPARE = 8;

/** Which rows of many are drawn. */
export interface RowWindow {
  /** What scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly onScroll: (event: { readonly currentTarget: HTMLElement }) => void;
  readonly from: number;
  /** The first that is not drawn any more. */
  readonly to: number;
}

/**
 * Of rows of a fixed height those that are seen, and a few beyond; the row of the cursor is scrolled to when it becomes
 * another one.
 *
 * @param cursor where it is; negative: nowhere
 * @param cursorKey what it is at, where that is not told by its place
 * @param first the first row in sight, of who must know it, too
 */
export function useRowWindow({
  count,
  rowPx,
  cursor,
  cursorKey = cursor,
  first: given,
}: {
  readonly count: number;
  readonly rowPx: number;
  readonly cursor: number;
  readonly cursorKey?: string | number | undefined;
  readonly first?: Signal<number>;
}): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const own = useSignal(0);
  const first = given ?? own;
  const height = useSignal(1200);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (cursor < 0) return;
    const element = scroller.current!;
    const top = cursor * rowPx;
    const room = element.clientHeight - HEAD_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + room) element.scrollTop = top + rowPx - room;
  }, [cursorKey]);
  const visible = Math.ceil(height.value / rowPx);
  return {
    scroller,
    onScroll: ({ currentTarget }) => {
      first.value = Math.floor(currentTarget.scrollTop / rowPx);
    },
    from: Math.max(0, Math.min(first.value, count - visible) - SPARE),
    to: Math.min(count, first.value + visible + SPARE),
  };
}
