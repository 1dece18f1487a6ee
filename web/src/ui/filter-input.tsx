import type { ComponentChildren, RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { type Suggesting, useSuggestions } from './suggestions.tsx';

/** Where one types a filter; what is wrong in it is said below. */
export function FilterInput(props: {
  readonly text: string;
  readonly label: string;
  readonly placeholder: string;
  /** What the button is called that clears it. */
  readonly clear: string;
  readonly onText: (text: string) => void;
  /** Enter, down, and esc in an empty field: on to the rows. */
  readonly onLeave: () => void;
  /** The field lost the focus, whatever for. */
  readonly onDone: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
  /** What is wrong in it; absent: nothing. */
  readonly problem?: ComponentChildren;
  /** What is offered while one types; absent: nothing. The same from one time to the next, unless there is other to offer. */
  readonly suggesting?: Suggesting | undefined;
}) {
  const id = useId();
  const isWrong = props.problem !== undefined;
  const suggestions = useSuggestions(props.suggesting, props.field, props.onText);
  return (
    <div class="filter-field" role="search">
      <Icon name="search" />
      <input
        ref={props.field}
        type="text"
        {...suggestions.attributes}
        aria-label={props.label}
        aria-describedby={isWrong ? id : undefined}
        aria-invalid={isWrong}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        value={props.text}
        onInput={({ currentTarget: { value, selectionStart } }) => {
          props.onText(value);
          suggestions.ask(value, selectionStart ?? value.length);
        }}
        onBlur={() => {
          suggestions.close();
          props.onDone();
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (suggestions.takeKey(event)) event.preventDefault();
          else if (event.key === 'Escape' && event.currentTarget.value !== '') {
            event.preventDefault();
            props.onText('');
          } else if (['Escape', 'Enter', 'ArrowDown'].includes(event.key)) {
            event.preventDefault();
            props.onLeave();
          }
        }}
      />
      {props.text === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" class="quiet" aria-label={props.clear} onClick={() => props.onText('')}>
          <Icon name="close" />
        </button>
      )}
      {suggestions.list}
      {isWrong && (
        <div class="filter-problems" id={id} role="alert">
          {props.problem}
        </div>
      )}
    </div>
  );
}
