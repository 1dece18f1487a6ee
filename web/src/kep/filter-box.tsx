import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { STAGES, STATUSES } from 'nekube/kep';
import { Icon } from '../ui/icons.tsx';
import { FIELDS, type FilterProblem } from './filter-text.ts';
import { kepTexts as t } from './texts.ts';

/** Where one types a filter. What is wrong in it is said below; what is right in it holds. */
export function FilterBox(props: {
  readonly text: string;
  readonly label: string;
  readonly placeholder: string;
  readonly problem?: FilterProblem | undefined;
  readonly onText: (text: string) => void;
  /** Enter, down, and esc in an empty field: on to the rows. */
  readonly onLeave: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  const id = useId();
  const { problem } = props;
  return (
    <div class="filter-field" role="search">
      <Icon name="search" />
      <input
        ref={props.field}
        type="text"
        aria-label={props.label}
        aria-describedby={problem && id}
        aria-invalid={problem !== undefined}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Escape' && props.text !== '') {
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
        <button type="button" class="quiet" aria-label={t.clearFilter} onClick={() => props.onText('')}>
          <Icon name="close" />
        </button>
      )}
      {problem && (
        <p class="filter-problems" id={id} role="alert">
          {sentence(problem)} <span translate={false}>{choicesOf(problem).join(', ')}</span>
        </p>
      )}
    </div>
  );
}

function sentence({ code, field, value }: FilterProblem): string {
  switch (code) {
    case 'field':
      return t.problemField(field);
    case 'empty':
      return t.problemEmpty(field);
    case 'value':
      return t.problemValue(value, field);
    case 'day':
      return t.problemDay(field, value);
    case 'release':
      return t.problemRelease(field, value);
  }
}

/** What one might have meant, where that is little. */
function choicesOf({ code, field }: FilterProblem): readonly string[] {
  if (code === 'field') return [...FIELDS, 'is:stale'];
  if (code !== 'value') return [];
  return field === 'status' ? [...STATUSES, 'invalid'] : [...STAGES, 'none', 'invalid'];
}
