import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Dialog } from '../ui/dialog.tsx';

/** A question that is answered before anything else goes on. */
export function Question(props: {
  readonly title: string;
  readonly onClose: () => void;
  /** What the answer does. Until that is done no second answer is taken, as of who strikes enter twice. */
  readonly onSubmit: () => Promise<void> | void;
  readonly children: ComponentChildren;
}) {
  const isBusy = useRef(false);
  const submit = async (): Promise<void> => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await props.onSubmit();
    } finally {
      isBusy.current = false;
    }
  };
  return (
    <Dialog label={props.title} class="question" onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        // a key that was held down before the question was asked answers nothing
        onKeyDown={(event) => {
          if (event.repeat && event.key === 'Enter') event.preventDefault();
        }}
      >
        <h2>{props.title}</h2>
        {props.children}
      </form>
    </Dialog>
  );
}
