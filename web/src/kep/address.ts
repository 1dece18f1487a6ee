/** What the query of the list's address says: `?filter=sig:node&in=texts&sort=-changed&asof=2024-01-31`. */
export interface KepsAddress {
  readonly filter: string;
  /** The words are looked for in the texts, by the server. */
  readonly inTexts: boolean;
  /** A column; undefined: the order that a view has of itself. */
  readonly sort: SortKey | undefined;
  readonly descending: boolean;
  /** The day as of which all is shown; undefined: now. */
  readonly asOf: string | undefined;
}

const SORT_KEYS = ['number', 'title', 'sig', 'status', 'stage', 'milestone', 'changed'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export function readKepsAddress(query: URLSearchParams): KepsAddress {
  const sort = query.get('sort') ?? '';
  return {
    filter: query.get('filter') ?? '',
    inTexts: query.get('in') === 'texts',
    sort: SORT_KEYS.find((key) => key === sort.replace(/^-/, '')),
    descending: sort.startsWith('-'),
    asOf: dayIn(query.get('asof')),
  };
}

/** A day as addresses have it; undefined for what is none. */
export function dayIn(text: string | null): string | undefined {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

/** What one wants to see first of a column when one clicks on it: the newest, else the first. */
const DOWN_FIRST: ReadonlySet<SortKey> = new Set<SortKey>(['milestone', 'changed', 'number']);

/** The sort of the address after a click on a column: one way, the other, and as it was. */
export function nextSort({ sort, descending }: KepsAddress, column: SortKey): string | undefined {
  const down = DOWN_FIRST.has(column);
  if (sort !== column) return down ? `-${column}` : column;
  if (descending !== down) return undefined;
  return down ? column : `-${column}`;
}

/** The page of a KEP. */
export function kepPath(name: string): string {
  return `/keps/${encodeURIComponent(name)}`;
}

/** The list with a filter. */
export function listPath(filter: string): string {
  return filter === '' ? '/keps' : `/keps?filter=${encodeURIComponent(filter)}`;
}

/** A term of a filter, as `author:@somebody`. */
export function term(field: string, value: string): string {
  return /[\s,]/.test(value) ? `${field}:"${value.replaceAll('"', '')}"` : `${field}:${value}`;
}
