import { type FilterField, facetsOf, type KepRow } from 'nekube/kep';
import { matching, MOST_SUGGESTIONS } from '../ui/matching.ts';
import type { Suggestion, Suggestions } from '../ui/offer.ts';
import { FIELDS, same } from './filter-text.ts';
import { isStale, readFilter } from './list-rows.ts';

/** What is offered while one types a filter of KEPs is from. */
export interface CompletionSource {
  readonly rows: readonly KepRow[];
  /** Words are looked for in the texts, so they leave no row out. */
  readonly inTexts: boolean;
}

/** Values that nobody chooses from a list: each KEP has its own, or days. */
const OWN_VALUES: ReadonlySet<string> = new Set<FilterField>([
  ...(['number', 'name', 'title', 'created', 'updated', 'changed'] as const),
]);

/**
 * How the word that ends at the caret might go on: a field of the filter language, or one of its values with how many KEPs that
 * the rest of the filter lets through have it.
 *
 * Linear in the rows.
 */
export function completionsAt(text: string, caret: number, source: CompletionSource): Suggestions | undefined {
  const word = /(?:^|\s)(-?)([^\s"]+)$/.exec(text.slice(0, caret));
  if (word === null || /^\S/.test(text.slice(caret)) || isQuoted(text.slice(0, word.index))) return undefined;
  const body = word[2]!;
  const from = caret - body.length;
  const [field, value] = body.split(/:(.*)/, 2);
  const others = `${text.slice(0, from - word[1]!.length)} ${text.slice(caret)}`;
  const found = value === undefined ? fieldsFor(field!) : valuesFor(field!, value, { ...source, others });
  const options = found.filter(({ insert }) => insert !== body).slice(0, MOST_SUGGESTIONS);
  return options.length === 0 ? undefined : { from, to: caret, options };
}

function isQuoted(before: string): boolean {
  return before.split('"').length % 2 === 0;
}

function fieldsFor(typed: string): readonly Suggestion[] {
  const fields = FIELDS.map((field): Suggestion => ({ text: field, insert: `${field}:`, goesOn: true }));
  return matching([...fields, { text: 'is:stale', insert: 'is:stale' }], typed.toLowerCase());
}

function valuesFor(
  field: string,
  value: string,
  { rows, inTexts, others }: CompletionSource & { readonly others: string },
): readonly Suggestion[] {
  if (field === 'is') return matching([{ text: 'stale', insert: 'is:stale' }], value.toLowerCase());
  const known = FIELDS.find((one) => one === field && !OWN_VALUES.has(one));
  if (known === undefined) return [];
  const filter = readFilter(others);
  const wanted = inTexts ? { ...filter, words: [] } : filter;
  const before = value.split(',').slice(0, -1);
  const [, sign, typed] = /^([<>]=?)?(.*)$/.exec(value.split(',').at(-1)!)!;
  const counted = facetsOf(rows, wanted, isStale, { fields: [known] })[0]!
    .values.filter((one) => !before.some((own) => same(field, own, one.value)))
    // a list cannot have what has spaces or commas
    .filter((one) => before.length === 0 || !/[\s,]/.test(one.value))
    .map(({ value: own, count }): Suggestion => {
      const insert = /[\s,]/.test(own) ? `"${own}"` : [...before, `${sign ?? ''}${own}`].join(',');
      return { text: own, insert: `${field}:${insert}`, hint: String(count) };
    });
  const found = matching(counted, typed!.toLowerCase());
  // who typed a value whole is done
  return found.some(({ text }) => same(field, text, typed!)) ? [] : found;
}
