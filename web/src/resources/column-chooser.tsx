import { useSignal } from '@preact/signals';
import { Icon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { columnTitle } from './column-titles.ts';
import { type Column, extraColumn } from './columns.ts';
import { resourceTexts as t } from './texts.ts';

/** Shows and hides columns, and adds some of labels and fields. */
export function ColumnChooser(props: {
  readonly columns: readonly Column[];
  readonly shown: readonly Column[];
  readonly onToggle: (id: string) => void;
  readonly onReset: () => void;
}) {
  const typed = useSignal('');
  const extra = props.shown.filter((column) => column.from === 'label' || column.from === 'field');
  const column = columnOf(typed.value);
  return (
    <Popover
      label={t.columns}
      class="quiet"
      align="end"
      button={
        <>
          <Icon name="columns" />
          <span class="wide">{t.columns}</span>
        </>
      }
    >
      {() => (
        <form
          class="column-panel"
          onSubmit={(event) => {
            event.preventDefault();
            const column = columnOf(typed.peek());
            if (!column) return;
            if (!props.shown.some((one) => one.id === column.id)) props.onToggle(column.id);
            typed.value = '';
          }}
        >
          <ul>
            {[...props.columns, ...extra].map((one, i) => (
              <li key={one.id}>
                <label>
                  <input
                    type="checkbox"
                    checked={props.shown.some((other) => other.id === one.id)}
                    disabled={i === 0}
                    onChange={() => props.onToggle(one.id)}
                  />
                  <span translate={one.from === 'label' || one.from === 'field' ? false : undefined}>
                    {columnTitle(one)}
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <label class="add-column">
            <span>{t.addColumn}</span>
            <span class="row">
              <input
                type="text"
                placeholder={t.addColumnPlaceholder}
                value={typed.value}
                aria-invalid={typed.value.trim() !== '' && !column}
                onInput={(event) => {
                  typed.value = event.currentTarget.value;
                }}
              />
              <button type="submit" aria-label={t.add} disabled={!column}>
                <Icon name="plus" />
              </button>
            </span>
          </label>
          <button type="button" class="quiet" onClick={props.onReset}>
            {t.standardColumns}
          </button>
        </form>
      )}
    </Popover>
  );
}

/** The column that a text asks for: a path begins with a dot, or has one; anything else is a label. */
function columnOf(typed: string): Column | undefined {
  const text = typed.trim();
  if (text === '' || text.startsWith('label:')) return extraColumn(text);
  return extraColumn(/^[.[]|^[^/]*[.[]/.test(text) ? dotted(text) : `label:${text}`);
}

const dotted = (path: string): string => (/^[.[]/.test(path) ? path : `.${path}`);
