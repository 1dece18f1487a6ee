import type { Kind } from '../api/kinds.ts';
import { setQuery, url } from '../app/router.ts';
import { DeleteChosen, NewLink } from '../edit/list-actions.tsx';
import { toast } from '../ui/toasts.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { type Column, shownColumns } from './columns.ts';
import { FilterField } from './filter-field.tsx';
import { readListAddress, toggleColumn } from './list-address.ts';
import type { ListModel } from './list-model.ts';
import type { RowMarks } from './row-marks.ts';
import type { TableList } from './table-list.ts';
import { resourceTexts as t } from './texts.ts';

/** Above a list: its filter, how many there are, what can be done with those that are selected, and its columns. */
export function ListBar(props: {
  readonly list: TableList;
  readonly model: ListModel;
  readonly kind: Kind;
  readonly namespace: string | undefined;
}) {
  const { list, model, kind, namespace } = props;
  const state = list.state.value;
  return (
    <div class="tool-bar">
      <FilterField
        text={model.typed.text.value}
        problems={model.filter.problems}
        list={list}
        kind={kind}
        onText={model.setFilter}
        onLeave={model.marks.focusGrid}
        onDone={model.typed.keep}
        field={model.field}
      />
      <span class="count" role="status">
        {model.marks.selected.value.size > 0 ? (
          <Selection list={list} marks={model.marks} kind={kind} />
        ) : (
          <Count
            shown={list.rows.shownCount}
            all={list.rows.size}
            {...(state.phase === 'loading' && { total: state.total })}
          />
        )}
      </span>
      <Liveness phase={state.phase} />
      <NewLink kind={kind} namespace={namespace} />
      <ColumnChooser
        columns={list.columns.value}
        shown={model.columns}
        onToggle={(id) => setQuery({ cols: colsWith(id, list.columns.peek()) })}
        onReset={() => setQuery({ cols: undefined })}
      />
    </div>
  );
}

/** How many of how many; both change without the list being another, so they are told. */
function Count({ shown, all, total }: { readonly shown: number; readonly all: number; readonly total?: number }) {
  if (total !== undefined) return <>{t.loadingCount(all, total)}</>;
  return <>{shown === all ? t.count(all) : t.countOf(shown, all)}</>;
}

function Selection(props: { readonly list: TableList; readonly marks: RowMarks; readonly kind: Kind }) {
  const { list, marks, kind } = props;
  const chosen = () => [...marks.selected.peek()].flatMap((id) => list.rows.get(id) ?? []);
  const copyNames = (): void => {
    const names = chosen().map((row) => row.name);
    navigator.clipboard.writeText(names.join('\n')).then(
      () => toast(t.copied(names.length)),
      (error: Error) => toast(error.message, 'bad'),
    );
  };
  return (
    <>
      {t.selected(marks.selected.value.size)}
      <button type="button" class="quiet" onClick={copyNames}>
        {t.copyNames}
      </button>
      <button type="button" class="quiet" onClick={marks.clear}>
        {t.clearSelection}
      </button>
      <DeleteChosen kind={kind} rows={chosen} onDeleted={marks.clear} />
    </>
  );
}

function Liveness({ phase }: { readonly phase: string }) {
  const text = { live: t.live, loading: t.loadingKinds, still: t.still, waiting: t.waiting }[phase] ?? '';
  return (
    <span class={`liveness ${phase}`} title={text} role="img" aria-label={text}>
      <span />
    </span>
  );
}

/** What the address says of the columns after one is shown or hidden. */
function colsWith(id: string, all: readonly Column[]): string | undefined {
  const shown = shownColumns(all, readListAddress(url.peek().searchParams).columns);
  const ids = (columns: readonly Column[]): string[] => columns.map((column) => column.id);
  return toggleColumn(ids(shown), ids(all.filter((column) => column.standard)), id, ids(all));
}
