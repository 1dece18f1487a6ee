import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A button that opens a panel below it. Esc, a click elsewhere and leaving it by tab close it. */
export function Popover(props: {
  readonly label: string;
  readonly button: ComponentChildren;
  readonly class?: string;
  readonly title?: string;
  /** At which edge of the button the panel stands. */
  readonly align?: 'start' | 'end';
  /** Other ways to open it, as a key. */
  readonly opener?: (open: () => void) => void;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const isOpen = useSignal(false);
  const open = isOpen.value;
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  props.opener?.(() => {
    isOpen.value = true;
  });
  const close = (): void => {
    isOpen.value = false;
    button.current?.focus();
  };
  // in the same turn as it opens: what is typed next is meant for it
  useLayoutEffect(() => {
    if (!open) return undefined;
    root.current?.querySelector<HTMLElement>('.panel :is(input, button, select, a[href])')?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) isOpen.value = false;
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [open]);
  return (
    <div
      class="popover"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen.peek()) return;
        event.preventDefault();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        class={props.class}
        title={props.title}
        aria-label={props.label}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => {
          isOpen.value = !isOpen.peek();
        }}
      >
        {props.button}
      </button>
      {open && (
        <div class={`panel ${props.align ?? 'start'}`} role="dialog" aria-label={props.label}>
          {props.children(close)}
        </div>
      )}
    </div>
  );
}
