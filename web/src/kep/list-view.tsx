import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { KepRow, SiteIndex } from 'nekube/kep';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { navigate, setQuery, url } from '../app/router.ts';
import { type TypedFilter, useTypedFilter } from '../app/typed-filter.ts';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import type { Suggesting } from '../ui/suggestions.tsx';
import { kepPath, nextSort, readKepsAddress } from './address.ts';
import { completionsAt } from './completion.ts';
import { cursorKeys } from './cursor-keys.ts';
import { Facets } from './facets.tsx';
import { FilterBox } from './filter-box.tsx';
import { problemIn, rightPart, termsIn, toggleValue, wordsIn } from './filter-text.ts';
import {
  Absent,
  DayBanner,
  kepHref,
  NoKeps,
  shownDay,
  UnfinishedBanner,
  useKepBar,
  useRead,
  useReadOnReturn,
} from './frame.tsx';
import { KepGrid } from './kep-grid.tsx';
import { readFilter } from './list-rows.ts';
import { type ListedRows, useListedRows } from './listed-rows.ts';
import { type Found, useSearch } from './search.ts';
import { kepTexts as t } from './texts.ts';

/** All KEPs: filtered at once by what their rows have, and searched by the server in their texts. */
export default function ListView() {
  const [index, again] = useRead<SiteIndex>('index');
  useReadOnReturn(again);
  useKepBar(<h1>{t.keps}</h1>, t.keps);
  if (index.state !== 'ready') return <Absent read={index} again={again} />;
  if (index.data.keps.length === 0 && shownDay() === undefined) return <NoKeps />;
  return <List index={index.data} />;
}

function List({ index: { keps: rows, source } }: { readonly index: SiteIndex }) {
  const address = readKepsAddress(url.value.searchParams);
  const typed = useTypedFilter();
  const { text } = typed;
  const field = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const first = useSignal(0);

  const filter = useMemo(() => readFilter(text.value), [text.value]);
  const words = address.inTexts ? wordsIn(text.value) : '';
  const found = useSearch(words, termsIn(rightPart(text.value)), address.asOf);
  const { hits, cursor, at } = useListedRows(rows, text, found);
  const shown = cursor.rows.value;
  const suggesting = useMemo((): Suggesting => {
    const source = { rows, inTexts: address.inTexts };
    return { at: (typed, caret) => completionsAt(typed, caret, source) };
  }, [rows, address.inTexts]);
  // the rows first: counts may follow a frame later
  const wanted = useMemo(() => (address.inTexts ? { ...filter, words: [] } : filter), [filter, address.inTexts]);
  const counted = useSignal(wanted);
  useEffect(() => {
    counted.value = wanted;
  }, [wanted]);
  const actions = useMemo(() => actionsOf({ typed, found, hits, cursor, first, field, place }), [cursor]);
  useKeys(actions.keys);

  return (
    <section class="list kep-list" aria-label={t.keps}>
      <DayBanner source={source} />
      <UnfinishedBanner source={source} />
      <ToolBar
        typed={typed}
        inTexts={address.inTexts}
        suggesting={suggesting}
        actions={actions}
        field={field}
        count={words === '' ? countText(shown.length, rows.length) : foundText(found.value)}
      />
      <div class="kep-columns">
        <Facets
          rows={rows}
          filter={counted.value}
          text={text.value}
          onToggle={(name, value) => actions.choose(toggleValue(text.peek(), name, value))}
        />
        <div class="grid-place" ref={place}>
          <KepGrid
            rows={shown}
            hits={hits.value}
            address={address}
            first={first}
            onSort={(key) =>
              setQuery({ sort: nextSort(readKepsAddress(url.peek().searchParams), key) }, { replace: true })
            }
            cursor={cursor.index.value}
            cursorKey={at.value}
            onCursor={(index) => cursor.goTo(index)}
            onOpen={actions.open}
            isOld={found.value.state === 'searching' && found.value.words !== ''}
          >
            {!(words !== '' && (found.value.state === 'searching' || found.value.waiting !== undefined)) && (
              <Notice icon="search" title={words === '' ? t.nothingFits : t.nothingFound}>
                <button type="button" onClick={() => actions.choose('')}>
                  {t.clearFilter}
                </button>
              </Notice>
            )}
          </KepGrid>
        </div>
      </div>
    </section>
  );
}

/** The filter, where it looks, and how many KEPs that shows. */
function ToolBar(props: {
  readonly typed: TypedFilter;
  readonly inTexts: boolean;
  readonly suggesting: Suggesting;
  readonly actions: Pick<ReturnType<typeof actionsOf>, 'setText' | 'focusRows' | 'toggleTexts'>;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly count: string;
}) {
  const { typed, inTexts, suggesting, actions, field, count } = props;
  const { text } = typed;
  const problem = useMemo(() => problemIn(text.value), [text.value]);
  return (
    <div class="tool-bar">
      <FilterBox
        typed={typed}
        label={t.filter}
        placeholder={t.filterPlaceholder}
        problem={problem}
        suggesting={suggesting}
        onText={actions.setText}
        onLeave={actions.focusRows}
        field={field}
      />
      <button
        type="button"
        class="kep-mode"
        aria-pressed={inTexts}
        title={t.inTextsTitle}
        onClick={actions.toggleTexts}
      >
        <Icon name="book" />
        {t.inTexts}
      </button>
      <span class="count" role="status">
        {count}
      </span>
    </div>
  );
}

/** What actions on the list work on. */
interface Acting extends Pick<ListedRows, 'cursor' | 'hits'> {
  readonly typed: TypedFilter;
  readonly found: Signal<Found>;
  /** The first row that is seen. */
  readonly first: Signal<number>;
  readonly field: RefObject<HTMLInputElement | null>;
  /** Where the grid is. */
  readonly place: RefObject<HTMLDivElement | null>;
}

/** What keys and the page do with the list: about what is typed and found by then, drawn or not. */
function actionsOf({ typed, found, hits, cursor, first, field, place }: Acting) {
  const { text } = typed;
  const toTop = (): void => {
    cursor.leave();
    // to ask the grid itself would lay it out
    if (first.peek() > 0) place.current?.querySelector('.grid')?.scrollTo({ top: 0 });
  };
  const setText = (next: string): void => {
    typed.set(next);
    toTop();
  };
  const choose = (next: string): void => {
    typed.choose(next);
    toTop();
  };
  const open = (row: KepRow): void => navigate(kepHref(kepPath(row.name)));
  const isFound = (): boolean => hits.peek() === undefined || found.peek().words === wordsIn(text.peek());
  const focus = (): void => place.current?.querySelector<HTMLElement>('.grid')?.focus({ preventScroll: true });
  const focusRows = (): void => {
    focus();
    if (cursor.row === undefined) cursor.goTo(0);
  };
  const toggleTexts = (): void =>
    setQuery({ in: readKepsAddress(url.peek().searchParams).inTexts ? undefined : 'texts' }, { replace: true });
  // who looks in the texts has something to type
  const switchTexts = (): void => {
    toggleTexts();
    if (text.peek() === '' && readKepsAddress(url.peek().searchParams).inTexts) field.current?.select();
  };
  const page = (): number => Math.max(1, Math.floor((place.current?.clientHeight ?? 600) / 30) - 2);
  const keys: readonly Key[] = [
    { keys: '/', title: () => t.keyFilter, run: () => field.current?.select() },
    { keys: 't', title: () => t.keyTexts, run: switchTexts },
    // what was found for other words is shown until these are searched for, and is not what one means
    ...cursorKeys(cursor, { page, focus }, (row) => (isFound() ? open(row) : false)),
    { keys: 'Escape', title: () => t.keyClear, run: () => (text.peek() === '' ? false : choose('')) },
  ];
  return { setText, choose, open, focusRows, toggleTexts, keys };
}

function countText(shown: number, all: number): string {
  return shown === all ? t.count(all) : t.countOf(shown, all);
}

function foundText({ state, total, waiting }: Found): string {
  if (state === 'searching') return t.searching;
  if (state === 'failed') return t.searchFailed;
  return waiting === undefined ? t.found(total) : t.foundSoFar(total, waiting);
}
