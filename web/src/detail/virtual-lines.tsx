import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The height of a line of code, in pixels; as in detail.css. */
export const LINE = 20;
/** Lines that are drawn beyond what is seen. */
const BEYOND = 30;

/** Many lines of the same height, of which those are drawn that are seen. */
export function VirtualLines(props: {
  readonly count: number;
  readonly render: (at: number) => ComponentChildren;
  readonly label: string;
  /** Comes into sight when it changes. */
  readonly showLine?: number;
  readonly className?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<readonly [number, number]>([0, 80]);
  const measure = (): void => {
    const element = box.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / LINE) - BEYOND);
    const last = Math.ceil((element.scrollTop + element.clientHeight) / LINE) + BEYOND;
    setRange(([a, b]) => (a === first && b === last ? [a, b] : [first, last]));
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [props.count]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || props.showLine === undefined || props.showLine < 0) return;
    const top = props.showLine * LINE;
    if (top < element.scrollTop || top > element.scrollTop + element.clientHeight - 2 * LINE)
      element.scrollTop = Math.max(0, top - element.clientHeight / 3);
  }, [props.showLine]);
  const [first, end] = [range[0], Math.min(range[1], props.count)];
  const drawn = [];
  for (let at = first; at < end; at++) drawn.push(props.render(at));
  return (
    // scrolled by keys, so it takes the focus
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <div
      class={`lines ${props.className ?? ''}`}
      ref={box}
      onScroll={measure}
      tabIndex={0}
      role="region"
      aria-label={props.label}
    >
      <div class="lines-all" style={{ height: `${props.count * LINE}px` }}>
        <div class="lines-drawn" style={{ transform: `translateY(${first * LINE}px)` }}>
          {drawn}
        </div>
      </div>
    </div>
  );
}
