import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useLeave } from './leave.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** What a field is given. */
export interface TypedValue {
  readonly value: string;
  readonly onInput: (event: { readonly currentTarget: Field }) => void;
  readonly onChange: (event: { readonly currentTarget: Field }) => void;
}

/**
 * A field whose value others change, too: what is typed stays as it is, also while a word is composed, until it is kept; what
 * it has become by then is shown after that.
 *
 * @param keep ends when it is kept, or refused
 * @param isKeptOnLeave also who leaves the view in the midst of it means what was typed
 */
export function useTypedValue(
  value: string,
  keep: (text: string) => Promise<void>,
  { isKeptOnLeave = false } = {},
): TypedValue {
  const typed = useSignal<string | undefined>(undefined);
  const latest = useRef(keep);
  latest.current = keep;
  useLeave(() => {
    if (isKeptOnLeave && typed.peek() !== undefined) void latest.current(typed.peek()!);
  });
  return {
    value: typed.value ?? value,
    onInput: ({ currentTarget }) => {
      typed.value = currentTarget.value;
    },
    onChange: ({ currentTarget: { value: text } }) => {
      void keep(text).finally(() => {
        // who types on has not said it all
        if (typed.peek() === text) typed.value = undefined;
      });
    },
  };
}
