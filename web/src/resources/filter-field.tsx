import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { apiVersionOf, type Kind } from '../api/kinds.ts';
import { FilterInput } from '../ui/filter-input.tsx';
import type { Suggesting } from '../ui/suggestions.tsx';
import { type CompletionSource, completionsAt, fieldPathAt } from './completion.ts';
import type { FilterProblem } from './filter.ts';
import type { TableList } from './table-list.ts';
import { resourceTexts as t } from './texts.ts';

/** Where one types a filter. What is wrong in it is said below, and the rest of it holds. */
export function FilterField({
  problems,
  list,
  kind,
  ...props
}: {
  readonly list: TableList;
  readonly kind: Kind;
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
      suggesting={useCompletions(list, kind)}
      problem={problem.length > 0 ? problem : undefined}
    />
  );
}

/** What a list has; and the fields of its kind, which the server is asked for when one begins to type the path of one. */
function useCompletions(list: TableList, kind: Kind): Suggesting {
  const fieldsBelow = useSignal<CompletionSource['fieldsBelow'] | undefined>(undefined);
  const columns = list.columns.value;
  const known = fieldsBelow.value;
  return useMemo(() => {
    let isAsked = known !== undefined;
    const askFields = (): void => {
      if (isAsked) return;
      isAsked = true;
      // without it there is no help, and no harm
      import('../edit/schemas.ts')
        .then(({ schemaOf }) => schemaOf(apiVersionOf(kind), kind.kind))
        .then((schema) => {
          if (schema) fieldsBelow.value = (path) => schema.fieldsBelow(path);
        })
        .catch(() => {});
    };
    return {
      at(text, caret) {
        if (fieldPathAt(text, caret) !== undefined) askFields();
        return completionsAt(text, caret, { columns, rows: list.rows.rows(), fieldsBelow: known ?? (() => []) });
      },
    };
  }, [list, kind, columns, known]);
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
