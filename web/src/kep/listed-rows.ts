import { computed, type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { KepFilter, KepRow } from 'nekube/kep';
import { url } from '../app/router.ts';
import { RowCursor } from '../ui/row-cursor.ts';
import { readKepsAddress, type SortKey } from './address.ts';
import { wordsIn } from './filter-text.ts';
import type { Hit } from './kep-grid.tsx';
import { filterRows, readFilter, sortRows } from './list-rows.ts';
import type { Found } from './search.ts';

/** The KEPs that a list shows, and where one is among them. */
export interface ListedRows {
  readonly cursor: RowCursor<KepRow>;
  /** The name of the KEP that the cursor is at. */
  readonly at: ReadonlySignal<string | undefined>;
  /** What was found in the texts, by the names of KEPs; undefined: words are looked for in the rows. */
  readonly hits: ReadonlySignal<ReadonlyMap<string, Hit> | undefined>;
}

/** The rows for what is typed, found, and in the address: known to the next key before they are drawn. */
export function useListedRows(rows: readonly KepRow[], text: Signal<string>, found: Signal<Found>): ListedRows {
  const at = useSignal<string | undefined>(undefined);
  return useMemo(() => {
    const inTexts = computed(() => readKepsAddress(url.value.searchParams).inTexts);
    const filter = computed(() => readFilter(text.value));
    const hits = computed(() => {
      if (!inTexts.value || wordsIn(text.value) === '') return undefined;
      return new Map(found.value.hits.map((hit) => [hit.name, hit]));
    });
    // alone: the address has more, and rows are put in order again only where their order is another
    const sorted = computed(() => url.value.searchParams.get('sort'));
    const shown = computed(() => {
      void sorted.value;
      const { sort, descending } = readKepsAddress(url.peek().searchParams);
      return shownRows(rows, filter.value, hits.value, sort, descending);
    });
    return { at, hits, cursor: new RowCursor(shown, (row) => row.name, at) };
  }, [rows]);
}

/** What fits, in its order: the best first of what was found in texts, else what changed last. */
function shownRows(
  rows: readonly KepRow[],
  filter: KepFilter,
  hits: ReadonlyMap<string, Hit> | undefined,
  sort: SortKey | undefined,
  descending: boolean,
): readonly KepRow[] {
  if (hits === undefined) return sortRows(filterRows(rows, filter), sort ?? 'changed', sort ? descending : true);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const found = [...hits.keys()].flatMap((name) => byName.get(name) ?? []);
  return sort === undefined ? found : sortRows(found, sort, descending);
}
