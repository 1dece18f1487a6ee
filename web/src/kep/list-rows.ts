import { fits, type KepFilter, type KepRow, parseFilter, STAGES, STATUSES } from 'nekube/kep';
import type { SortKey } from './address.ts';
import { rightPart } from './filter-text.ts';

/** Whether a row counts as stale. */
export const isStale = ({ stale }: KepRow): boolean => stale !== undefined;

/** A filter, of what is right in a text. */
export function readFilter(text: string): KepFilter {
  return parseFilter(rightPart(text));
}

/** The rows that a filter lets through. */
export function filterRows(rows: readonly KepRow[], filter: KepFilter): readonly KepRow[] {
  return rows.filter((row) => fits(row, filter, isStale));
}

/** Rows in the order of a column; those that have no value of it stand last either way. */
export function sortRows(rows: readonly KepRow[], key: SortKey, descending: boolean): readonly KepRow[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row, key) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
    return a.key < b.key ? -sign : a.key > b.key ? sign : 0;
  });
  return keyed.map(({ row }) => row);
}

function keyOf(row: KepRow, key: SortKey): number | string | undefined {
  switch (key) {
    case 'number':
      return row.number || undefined;
    case 'title':
      return row.title.toLowerCase() || undefined;
    case 'sig':
      return row.owningSig || undefined;
    case 'status':
      return row.status && STATUSES.indexOf(row.status);
    case 'stage':
      return row.stage && STAGES.indexOf(row.stage);
    case 'milestone':
      return minorOf(row.latestMilestone);
    case 'changed':
      return row.changed?.day;
  }
}

/** 36 of `v1.36`. */
export function minorOf(release: string | undefined): number | undefined {
  const minor = /^v1\.(\d+)$/.exec(release ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}
