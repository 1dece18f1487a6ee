import { useLayoutEffect, useRef } from 'preact/hooks';

const STEP_PX = 16;

/** At the end of a column's head: it is dragged, or moved by arrows, and a double click or delete gives the width of the content. */
export function WidthHandle(props: { readonly label: string; readonly onWidth: (px: number | undefined) => void }) {
  const handle = useRef<HTMLDivElement>(null);
  const from = useRef<{ readonly x: number; readonly px: number } | undefined>(undefined);
  /** What a key made it, until that is drawn. */
  const given = useRef<number>(undefined);
  const widthNow = (): number => given.current ?? handle.current?.parentElement?.getBoundingClientRect().width ?? 0;
  useLayoutEffect(() => {
    given.current = undefined;
  });
  return (
    <div
      ref={handle}
      class="width-handle"
      role="slider"
      aria-label={props.label}
      aria-orientation="horizontal"
      aria-valuenow={Math.round(widthNow())}
      aria-valuemin={48}
      aria-valuemax={1200}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, px: widthNow() };
      }}
      onPointerMove={(event) => {
        if (from.current) props.onWidth(from.current.px + event.clientX - from.current.x);
      }}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onPointerCancel={() => {
        from.current = undefined;
      }}
      onDblClick={() => props.onWidth(undefined)}
      onKeyDown={(event) => {
        const step = { ArrowRight: STEP_PX, ArrowLeft: -STEP_PX }[event.key];
        if (step !== undefined) props.onWidth((given.current = widthNow() + step));
        else if (event.key === 'Delete' || event.key === 'Backspace') props.onWidth(undefined);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
