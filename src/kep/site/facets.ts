import { minorOf } from '../document/values.ts';
import { STAGES, STATUSES } from '../model/kep.ts';
import { type Filterable, FILTER_FIELDS, type FilterField, fits, type KepFilter } from '../query/filter.ts';
import type { Facet, KepRow } from './contract.ts';

/** The fields whose values are counted, in the order in which they are shown. */
export const FACET_FIELDS = [
  ...(['status', 'stage', 'sig', 'participating-sig'] as const),
  ...(['milestone', 'latest-milestone', 'alpha', 'beta', 'stable'] as const),
  ...(['author', 'approver', 'reviewer', 'prr-approver', 'gate', 'component'] as const),
] as const satisfies readonly FilterField[];

/**
 * Counts values of KEPs for a filter. Each field is counted without its own terms, as the choice of another value would be.
 *
 * @param isStale says which are stale, where the filter asks
 * @param options `fields`: those that are counted (all that are shown); `most`: so many values of a field, the most frequent, but of those with an
 *   order of their own all
 */
export function facetsOf<K extends Filterable>(
  keps: readonly K[],
  filter: KepFilter,
  isStale: (kep: K) => boolean,
  { fields = FACET_FIELDS, most = Infinity }: { readonly fields?: readonly FilterField[]; readonly most?: number } = {},
): readonly Facet[] {
  const fitting = (one: KepFilter): readonly K[] => keps.filter((kep) => fits(kep, one, isStale));
  let all: readonly K[] | undefined;
  return fields.map((field) => {
    const terms = filter.terms.filter((term) => term.field !== field || term.isNegated);
    // for most fields it is the filter itself
    const own = terms.length === filter.terms.length ? (all ??= fitting(filter)) : fitting({ ...filter, terms });
    const counts = new Map<string, number>();
    for (const kep of own)
      for (const value of new Set(FILTER_FIELDS[field](kep)))
        if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
    const order = ORDERS[field] ?? byCount;
    const values = [...counts].map(([value, count]) => ({ value, count })).sort(order);
    return { field, values: ORDERS[field] === undefined ? values.slice(0, most) : values };
  });
}

/** True for a row that is stale. */
export function isStaleRow({ stale }: KepRow): boolean {
  return stale !== undefined;
}

type Count = Facet['values'][number];
type Order = (a: Count, b: Count) => number;

const byCount: Order = (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1);
const byRelease: Order = (a, b) => minorOf(b.value) - minorOf(a.value);
const inOrderOf =
  (values: readonly string[]): Order =>
  (a, b) =>
    values.indexOf(a.value) - values.indexOf(b.value);

const ORDERS: Readonly<Partial<Record<FilterField, Order>>> = {
  status: inOrderOf([...STATUSES, 'invalid']),
  stage: inOrderOf([...STAGES, 'none', 'invalid']),
  milestone: byRelease,
  'latest-milestone': byRelease,
  alpha: byRelease,
  beta: byRelease,
  stable: byRelease,
};
