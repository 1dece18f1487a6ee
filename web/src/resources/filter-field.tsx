import type { RefObject } from 'preact';
import { FilterInput } from '../ui/filter-input.tsx';
import type { FilterProblem } from './filter.ts';
import { resourceTexts as t } from './texts.ts';

/** Where one types a filter. What is wrong in it is said below, and the rest of it holds. */
export function FilterField({
  problems,
  ...props
}: {
  readonly text: string;
  readonly problems: readonly FilterProblem[];
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
  readonly onDone: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  const problem = problems.map((one) => <p key={one.from}>{sentence(one)}</p>);
  return (
    <FilterInput
      {...props}
      label={t.filter}
      placeholder={t.filterPlaceholder}
      clear={t.clearFilter}
      problem={problem.length > 0 ? problem : undefined}
    />
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
