import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { KepRow, SiteSearch } from 'nekube/kep';
import { Icon } from '../ui/icons.tsx';
import { useRowWindow } from '../ui/row-window.ts';
import type { KepsAddress, SortKey } from './address.ts';
import { kepPath } from './address.ts';
import { kepHref } from './frame.tsx';
import { StageMark, StatusMark, staleText } from './parts.tsx';
import { pieces } from './search.ts';
import { kepTexts as t } from './texts.ts';

/** The same as in the styles. */
const ROW_PX = 30;
const HIT_PX = 70;

export type Hit = SiteSearch['hits'][number];

const COLUMNS: readonly { readonly key: SortKey; readonly title: () => string }[] = [
  { key: 'number', title: () => t.columnNumber },
  { key: 'title', title: () => t.columnTitle },
  { key: 'sig', title: () => t.fieldSig },
  { key: 'status', title: () => t.fieldStatus },
  { key: 'stage', title: () => t.fieldStage },
  { key: 'milestone', title: () => t.fieldMilestone },
  { key: 'changed', title: () => t.columnChanged },
];

/** KEPs in rows of a fixed height, of which those in sight are drawn. */
export function KepGrid(props: {
  readonly rows: readonly KepRow[];
  /** What was found in their texts, by name; undefined: nothing was looked for there. */
  readonly hits: ReadonlyMap<string, Hit> | undefined;
  readonly address: KepsAddress;
  /** The first row in sight. */
  readonly first: Signal<number>;
  readonly onSort: (key: SortKey) => void;
  readonly cursor: number;
  /** What the cursor is at. */
  readonly cursorKey: string | undefined;
  readonly onCursor: (index: number) => void;
  readonly onOpen: (row: KepRow) => void;
  readonly isOld: boolean;
  readonly children?: ComponentChildren;
}) {
  const { rows, hits, address, first, cursor, cursorKey } = props;
  const rowPx = hits === undefined ? ROW_PX : HIT_PX;
  const { scroller, onScroll, from, to } = useRowWindow({ count: rows.length, rowPx, cursor, cursorKey, first });
  return (
    <div
      class={`grid kep-grid${props.isOld ? ' old' : ''}`}
      role="grid"
      aria-label={t.keps}
      aria-rowcount={rows.length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={cursor >= from && cursor < to ? `kep-row-${cursor}` : undefined}
      tabIndex={0}
      ref={scroller}
      onScroll={onScroll}
    >
      <div role="rowgroup" class="grid-head">
        <div role="row" aria-rowindex={1} class="grid-row">
          {COLUMNS.map(({ key, title }, i) => (
            <div
              key={key}
              role="columnheader"
              aria-colindex={i + 1}
              aria-sort={address.sort === key ? (address.descending ? 'descending' : 'ascending') : undefined}
            >
              <button type="button" class="head" onClick={() => props.onSort(key)}>
                <span>{title()}</span>
                {address.sort === key && <Icon name={address.descending ? 'down' : 'up'} />}
              </button>
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body" style={{ height: `${rows.length * rowPx}px` }}>
        {rows.slice(from, to).map((row, i) => (
          <Row
            // rows are used again for other KEPs, which takes less than to make them
            key={(from + i) % (to - from)}
            row={row}
            hit={hits?.get(row.name)}
            index={from + i}
            topPx={(from + i) * rowPx}
            isTall={hits !== undefined}
            isCursor={cursor === from + i}
            onOpen={() => {
              props.onCursor(from + i);
              props.onOpen(row);
            }}
          />
        ))}
      </div>
      {rows.length === 0 && props.children}
    </div>
  );
}

function Row(props: {
  readonly row: KepRow;
  readonly hit: Hit | undefined;
  readonly index: number;
  readonly topPx: number;
  readonly isTall: boolean;
  readonly isCursor: boolean;
  readonly onOpen: () => void;
}) {
  const { row, hit, index } = props;
  return (
    <div
      id={`kep-row-${index}`}
      role="row"
      class={`grid-row${props.isCursor ? ' cursor' : ''}${props.isTall ? ' tall' : ''}`}
      aria-rowindex={index + 2}
      aria-selected={props.isCursor}
      style={{ transform: `translateY(${props.topPx}px)` }}
      onClick={(event) => {
        if ((event.target as Element).closest('a') || getSelection()?.isCollapsed === false) return;
        props.onOpen();
      }}
    >
      <div role="gridcell" class="kep-number" aria-colindex={1}>
        <span translate={false}>{row.number || '–'}</span>
      </div>
      <div role="gridcell" aria-colindex={2}>
        <span class="kep-title">
          <a href={kepHref(kepPath(row.name))} tabIndex={-1} title={row.title} translate={false} lang="en">
            {row.title || row.name}
          </a>
          {hit?.excerpt && (
            <span class="kep-excerpt" translate={false} lang="en">
              {hit.excerpt.heading !== '' && <span class="kep-heading">{hit.excerpt.heading}</span>}
              {pieces(hit.excerpt.text, hit.excerpt.marks).map(({ text, isMarked }, i) =>
                isMarked ? <mark key={i}>{text}</mark> : text,
              )}
            </span>
          )}
        </span>
      </div>
      <div role="gridcell" aria-colindex={3}>
        <span translate={false}>{row.owningSig}</span>
      </div>
      <div role="gridcell" aria-colindex={4}>
        <StatusMark status={row.status} written={row.written} />
        {row.stale && (
          <span class="kep-stale" title={staleText(row.stale)} role="img" aria-label={t.stale}>
            <Icon name="clock" />
          </span>
        )}
      </div>
      <div role="gridcell" aria-colindex={5}>
        <StageMark stage={row.stage} written={row.written} />
      </div>
      <div role="gridcell" aria-colindex={6}>
        {row.latestMilestone ? <span translate={false}>{row.latestMilestone}</span> : <span class="none">–</span>}
      </div>
      <div role="gridcell" aria-colindex={7}>
        {row.changed ? <time dateTime={row.changed.day}>{row.changed.day}</time> : <span class="none">–</span>}
      </div>
    </div>
  );
}
