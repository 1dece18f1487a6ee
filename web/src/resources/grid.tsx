import { Component } from 'preact';
import { useMemo } from 'preact/hooks';
import { language } from '../i18n/language.ts';
import { Age } from '../ui/age-text.tsx';
import { Icon } from '../ui/icons.tsx';
import { useRowWindow } from '../ui/row-window.ts';
import { columnTitle } from './column-titles.ts';
import { type Column, cellOf, momentOf } from './columns.ts';
import { isEmptyCell, parseDuration } from './measure.ts';
import type { OwnWidths } from './own-widths.ts';
import type { Row } from './row.ts';
import type { SortedRows } from './sorted-rows.ts';
import { resourceTexts as t } from './texts.ts';
import { toneOf } from './tone.ts';
import { WidthHandle } from './width-handle.tsx';
import { columnWidths } from './widths.ts';

/** The same as --row of the styles. */
export const ROW_PX = 30;

export interface GridProps {
  readonly label: string;
  readonly rows: SortedRows;
  /** Changes when rows did; the grid follows. */
  readonly version: number;
  readonly columns: readonly Column[];
  readonly sort: string | undefined;
  readonly descending: boolean;
  readonly onSort: (column: string) => void;
  readonly ownWidths: OwnWidths;
  readonly onWidth: (column: string, px: number | undefined) => void;
  readonly cursor: string | undefined;
  readonly onCursor: (id: string) => void;
  readonly selected: ReadonlySet<string>;
  readonly onToggle: (id: string, range: boolean) => void;
  readonly onToggleAll: () => void;
  readonly hrefOf: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
}

/** Rows of a fixed height, of which those that are seen are drawn. The focus is the grid's; its cursor is `aria-activedescendant`. */
export function Grid(props: GridProps) {
  const { rows, columns, selected, cursor } = props;
  const count = rows.shownCount;
  const cursorIndex = cursor === undefined ? -1 : rows.indexOf(cursor);
  const { scroller, onScroll, from, to } = useRowWindow({
    count,
    rowPx: ROW_PX,
    cursor: cursorIndex,
    cursorKey: cursor,
  });
  const titles = columns.map(columnTitle);
  const sampled = Math.min(count, 300);
  const widths = useMemo(
    () => columnWidths(columns, titles, rows.shownRows().slice(0, 300), props.ownWidths),
    // grows with what comes in, and then stays as it is while one filters
    [columns, titles.join(), rows.size === 0, sampled > 20, props.ownWidths],
  );
  const drawn: Row[] = [];
  for (let index = from; index < to; index++) drawn.push(rows.at(index)!);
  // the cursor is part of the grid, wherever one scrolled to
  const apart = cursorIndex >= 0 && (cursorIndex < from || cursorIndex >= to) ? rows.at(cursorIndex) : undefined;
  const rowProps = (row: Row, index: number) => ({
    key: row.id,
    row,
    index,
    columns,
    isCursor: row.id === cursor,
    isSelected: selected.has(row.id),
    grid: props,
  });
  return (
    <div
      class="grid"
      role="grid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={cursorIndex >= 0 ? rowId(cursor!) : undefined}
      tabIndex={0}
      ref={scroller}
      onScroll={onScroll}
      style={{ '--columns': `36px ${widths.template}`, '--least': `${widths.leastPx + 36}px` }}
    >
      <GridHead grid={props} titles={titles} count={count} />
      <div role="rowgroup" class="grid-body" style={{ height: `${count * ROW_PX}px` }}>
        {apart && cursorIndex < from && <GridRow {...rowProps(apart, cursorIndex)} />}
        {drawn.map((row, i) => (
          <GridRow {...rowProps(row, from + i)} />
        ))}
        {apart && cursorIndex >= to && <GridRow {...rowProps(apart, cursorIndex)} />}
      </div>
    </div>
  );
}

/** The names of the columns, by which it is put in order, and what selects all. */
function GridHead({
  grid,
  titles,
  count,
}: {
  readonly grid: GridProps;
  readonly titles: readonly string[];
  readonly count: number;
}) {
  return (
    <div role="rowgroup" class="grid-head">
      <div role="row" aria-rowindex={1} class="grid-row">
        <div role="columnheader" aria-colindex={1}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t.selectAll}
            checked={grid.selected.size > 0 && grid.selected.size === count}
            indeterminate={grid.selected.size > 0 && grid.selected.size < count}
            onChange={grid.onToggleAll}
          />
        </div>
        {grid.columns.map((column, i) => (
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={i + 2}
            // read with each cell, without what the handle of its width is called
            aria-label={titles[i]}
            aria-sort={grid.sort === column.id ? (grid.descending ? 'descending' : 'ascending') : undefined}
          >
            <button
              type="button"
              class="head"
              title={language.value === 'en' ? column.description : undefined}
              onClick={() => grid.onSort(column.id)}
            >
              <span translate={column.from === 'table' || column.from === 'namespace'}>{titles[i]}</span>
              {grid.sort === column.id && <Icon name={grid.descending ? 'down' : 'up'} />}
            </button>
            <WidthHandle label={t.widthOf(titles[i]!)} onWidth={(px) => grid.onWidth(column.id, px)} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** The element of a row, by what the row is. */
const rowId = (id: string): string => `row-${id}`;

interface RowProps {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly Column[];
  readonly isCursor: boolean;
  readonly isSelected: boolean;
  readonly grid: GridProps;
}

/** Drawn anew only when its own object, place or mark changed. */
class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return (
      next.row !== now.row ||
      next.index !== now.index ||
      next.columns !== now.columns ||
      next.isCursor !== now.isCursor ||
      next.isSelected !== now.isSelected ||
      next.grid.hrefOf !== now.grid.hrefOf
    );
  }

  render({ row, index, columns, isCursor, isSelected }: RowProps) {
    return (
      <div
        id={rowId(row.id)}
        role="row"
        class={`grid-row${isCursor ? ' cursor' : ''}${row.deleting ? ' deleting' : ''}`}
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        style={{ transform: `translateY(${index * ROW_PX}px)` }}
        onClick={this.#click}
        translate={false}
      >
        <div role="gridcell" aria-colindex={1}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t.select(row.name)}
            checked={isSelected}
            onClick={(event) => {
              event.stopPropagation();
              this.props.grid.onToggle(row.id, event.shiftKey);
            }}
          />
        </div>
        {columns.map((column, i) => (
          <div key={column.id} role="gridcell" class="cell" aria-colindex={i + 2}>
            <Cell row={row} column={column} href={i === 0 ? this.props.grid.hrefOf(row) : undefined} />
          </div>
        ))}
      </div>
    );
  }

  readonly #click = (event: MouseEvent): void => {
    const { grid, row } = this.props;
    grid.onCursor(row.id);
    if (event.shiftKey) return grid.onToggle(row.id, true);
    if (event.metaKey || event.ctrlKey) return grid.onToggle(row.id, false);
    // who marked a text wants to copy it
    if ((event.target as Element).closest('a, input') || getSelection()?.isCollapsed === false) return;
    grid.onOpen(row);
  };
}

function Cell({
  row,
  column,
  href,
}: {
  readonly row: Row;
  readonly column: Column;
  readonly href: string | undefined;
}) {
  if (column.time) {
    const ms = momentOf(row, column, parseDuration);
    if (ms !== undefined) return <Age ms={ms} />;
  }
  const text = cellOf(row, column);
  if (href !== undefined)
    return (
      <a href={href} tabIndex={-1} title={text.length > 40 ? text : undefined}>
        {text}
      </a>
    );
  if (isEmptyCell(text)) return <span class="none">–</span>;
  const tone = toneOf(column.id, text);
  // most cells are a text and no element of their own: rows are made at each letter of the filter
  if (!tone && text.length <= 24) return <>{text}</>;
  return (
    <span class={tone && `tone ${tone}`} title={text.length > 24 ? text : undefined}>
      {text}
    </span>
  );
}
