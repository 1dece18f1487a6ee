import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import type { FilterProblem } from './filter.ts';
import { resourceTexts as t } from './texts.ts';

/** Where one types a filter. What is wrong in it is said below, and the rest of it holds. */
export function FilterField(props: {
  readonly text: string;
  readonly problems: readonly FilterProblem[];
  readonly onText: (text: string) => void;
  /** Enter, down, and esc in an empty field: on to the rows. */
  readonly onLeave: () => void;
  /** The field lost the focus, whatever for. */
  readonly onDone?: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  const id = useId();
  const { problems } = props;
  return (
    <div class="filter-field" role="search">
      <Icon name="search" />
      <input
        ref={props.field}
        type="text"
        aria-label={t.filter}
        aria-describedby={problems.length > 0 ? id : undefined}
        aria-invalid={problems.length > 0}
        placeholder={t.filterPlaceholder}
        autocomplete="off"
        spellcheck={false}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
        onBlur={props.onDone}
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
      {problems.length > 0 && (
        <div class="filter-problems" id={id} role="alert">
          {problems.map((problem) => (
            <p key={problem.from}>{sentence(problem)}</p>
          ))}
        </div>
      )}
    </div>
  );
}

function sentence({ code, text }: FilterProblem): string {
  switch (code) {
    case 'quote':
      return t.problemQuote(text);
    case 'value':
      return t.problemValue(text);
    case 'number':
      return t.problemNumber(text);
    case 'path':
      return t.problemPath(text);
    default:
      return t.problemKey(text);
  }
}
