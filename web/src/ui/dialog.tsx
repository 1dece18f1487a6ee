import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';

const NO_KEYS: readonly Key[] = [];

/** A dialog above all else, which keeps the focus. Esc and a click beside it close it; the focus goes back. */
export function Dialog(props: {
  readonly label: string;
  readonly class?: string;
  readonly onClose: () => void;
  readonly keys?: readonly Key[];
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys(props.keys ?? NO_KEYS, { modal: true });
  // in the same turn as it is asked for, and as it is answered: the next key is meant for it, and the one after that for what is below
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current!;
    element.showModal();
    return () => {
      // while it is open nothing below it takes the focus
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.class}
      aria-label={props.label}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => event.target === dialog.current && props.onClose()}
    >
      {props.children}
    </dialog>
  );
}
