import type { RefObject } from 'preact';
import { STAGES, STATUSES } from 'nekube/kep';
import type { TypedFilter } from '../app/typed-filter.ts';
import { FilterInput } from '../ui/filter-input.tsx';
import type { Suggesting } from '../ui/suggestions.tsx';
import { FIELDS, type FilterProblem } from './filter-text.ts';
import { kepTexts as t } from './texts.ts';

/** Where one types a filter. What is wrong in it is said below; what is right in it holds. */
export function FilterBox({
  typed,
  problem,
  ...props
}: {
  readonly typed: TypedFilter;
  readonly label: string;
  readonly placeholder: string;
  readonly problem?: FilterProblem | undefined;
  /** What is offered while one types; absent: nothing. */
  readonly suggesting?: Suggesting;
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  return (
    <FilterInput
      {...props}
      text={typed.text.value}
      clear={t.clearFilter}
      onDone={typed.keep}
      problem={problem && <Problem problem={problem} />}
    />
  );
}

function Problem({ problem }: { readonly problem: FilterProblem }) {
  return (
    <>
      {sentence(problem)} <span translate={false}>{choicesOf(problem).join(', ')}</span>
    </>
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
