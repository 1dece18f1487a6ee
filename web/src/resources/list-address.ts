/** What the query of a list's address says: `?filter=app=web&sort=-age&cols=name,status&sel=web-1`. */
export interface ListAddress {
  readonly filter: string;
  /** A column's id; undefined: by name. */
  readonly sort: string | undefined;
  readonly descending: boolean;
  /** Undefined: the standard columns. */
  readonly columns: readonly string[] | undefined;
  /** The objects that are chosen: `namespace/name`, or a name. */
  readonly selected: readonly string[];
}

export function readListAddress(query: URLSearchParams): ListAddress {
  const sort = query.get('sort') ?? '';
  const columns = splitIds(query.get('cols') ?? '');
  return {
    filter: query.get('filter') ?? '',
    sort: sort.replace(/^-/, '') || undefined,
    descending: sort.startsWith('-'),
    columns: columns.length > 0 ? columns : undefined,
    selected: splitIds(query.get('sel') ?? ''),
  };
}

/** The sort of the address after a click on a column: up, down, and as it was. */
export function nextSort({ sort, descending }: ListAddress, column: string): string | undefined {
  if (sort !== column) return column;
  return descending ? undefined : `-${column}`;
}

/** The columns of the address after one is shown or hidden; undefined when they are the standard ones. */
export function toggleColumn(
  shown: readonly string[],
  standard: readonly string[],
  id: string,
  all: readonly string[],
): string | undefined {
  const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
  // columns of the server keep its order; extra ones follow as they were added
  const place = (one: string): number => (all.indexOf(one) + 1 || all.length + 1) * 1000 + next.indexOf(one);
  next.sort((a, b) => place(a) - place(b));
  return next.join() === standard.join() ? undefined : next.join();
}

/** Ids with commas between; in brackets of a path a comma is none of them. */
function splitIds(text: string): string[] {
  return (text.match(/(?:\[[^\]]*\]|[^,[])+/g) ?? []).map((id) => id.trim()).filter((id) => id !== '');
}
