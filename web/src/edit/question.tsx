import type { ComponentChildren } from 'preact';
import { Dialog } from '../ui/dialog.tsx';

/** A question that is answered before anything else goes on. */
export function Question(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <Dialog label={props.title} class="question" onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit();
        }}
      >
        <h2>{props.title}</h2>
        {props.children}
      </form>
    </Dialog>
  );
}
