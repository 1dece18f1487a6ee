import { matching, MOST_SUGGESTIONS } from '../ui/matching.ts';
import type { Suggestion, Suggestions } from '../ui/offer.ts';
import { type Column, cellOf } from './columns.ts';
import { columnNamed, signOf, tokens } from './filter.ts';
import { isEmptyCell } from './measure.ts';
import type { Row } from './row.ts';

/** What of a list is offered while one types a filter of it. */
export interface CompletionSource {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The fields below a path (`spec`, `containers`), with what they are; empty where that is not known (yet). */
  readonly fieldsBelow: (path: readonly string[]) => readonly { readonly name: string; readonly type: string }[];
}

/** Longer ones nobody chooses from a list. */
const LONGEST = 80;

/**
 * How the word that ends at the caret might go on: the name of a column, the key of a label, a field; after a sign that
 * compares, the values that rows have, the commonest first.
 *
 * Linear in the rows.
 */
export function completionsAt(text: string, caret: number, source: CompletionSource): Suggestions | undefined {
  const token = tokens(text.slice(0, caret), []).at(-1);
  if (token?.to !== caret || /^[^\s]/.test(text.slice(caret))) return undefined;
  const not = token.text.length > 1 && token.text.startsWith('-') && !token.quoted[0] ? 1 : 0;
  const body = token.text.slice(not);
  const quoted = token.quoted.slice(not);
  const sign = signOf(body, quoted);
  const isNamespace = body.startsWith('ns:') && !quoted[0];
  const found =
    isNamespace || sign
      ? valuesOf(body, isNamespace ? { at: 2, text: ':' } : sign!, source)
      : quoted.includes(true)
        ? []
        : keysOf(body, source);
  const options = found.filter(({ insert }) => insert !== body).slice(0, MOST_SUGGESTIONS);
  return options.length === 0 ? undefined : { from: token.from + not, to: caret, options };
}

/** The path of the field that is typed and not yet whole; undefined: it is none. */
export function fieldPathAt(text: string, caret: number): readonly string[] | undefined {
  const word = tokens(text.slice(0, caret), []).at(-1);
  if (word?.to !== caret || !/^-?\.?([A-Za-z]\w*\.)*[A-Za-z]?\w*$/.test(word.text) || !word.text.includes('.'))
    return undefined;
  return word.text
    .replace(/^-?\.?/, '')
    .split('.')
    .slice(0, -1);
}

function keysOf(body: string, { columns, rows, fieldsBelow }: CompletionSource): Suggestion[] {
  const label = body.startsWith('label:') ? 'label:' : '';
  const typed = body.slice(label.length).toLowerCase();
  const known: Suggestion[] = [];
  if (label === '') {
    known.push(
      ...columns.map((column) => ({ text: column.id, insert: `${column.id}${signFor(column)}`, goesOn: true })),
    );
    if (columns.some(({ from }) => from === 'namespace')) known.push({ text: 'ns', insert: 'ns:', goesOn: true });
  }
  const labels = ranked(labelKeys(rows)).map(([key, count]): Suggestion => {
    const needed = label !== '' || columnNamed(key, columns) !== undefined;
    return { text: key, insert: `${needed ? 'label:' : ''}${key}=`, hint: String(count), goesOn: true };
  });
  return [...fieldsOf(body, fieldsBelow), ...matching([...known, ...labels], typed)];
}

function fieldsOf(body: string, fieldsBelow: CompletionSource['fieldsBelow']): Suggestion[] {
  const path = fieldPathAt(body, body.length);
  if (path === undefined) return [];
  const [before, typed] = [body.slice(0, body.lastIndexOf('.') + 1), body.slice(body.lastIndexOf('.') + 1)];
  const fields = fieldsBelow(path).map(({ name, type }): Suggestion => {
    const insert = `${before}${name}${/object$|\[\]any$/.test(type) ? '.' : '='}`;
    return { text: `${before}${name}`, insert, hint: type, goesOn: true };
  });
  return fields.filter(({ text }) => text.toLowerCase().startsWith(`${before}${typed}`.toLowerCase()));
}

/** How one goes on after the name of a column. */
function signFor({ time, measure }: Column): string {
  if (time !== undefined) return '<';
  return measure === 'number' || measure === 'quantity' ? '>' : '=';
}

function valuesOf(
  body: string,
  sign: { readonly at: number; readonly text: string },
  { columns, rows }: CompletionSource,
): Suggestion[] {
  if (/[<>]/.test(sign.text)) return [];
  const start = sign.at + sign.text.length;
  const key = body.slice(0, sign.at);
  const before = sign.text === '~' ? [] : body.slice(start).split(',').slice(0, -1);
  const typed =
    sign.text === '~' ? body.slice(start) : body.slice(start + before.join(',').length + (before.length > 0 ? 1 : 0));
  const head = `${key}${sign.text}`;
  const counted = ranked(countsOf(key, sign.text === ':', columns, rows))
    .filter(([value]) => !before.some((one) => one.toLowerCase() === value.toLowerCase()))
    .map(
      ([value, count]): Suggestion => ({
        text: value,
        insert: head + [...before, value].map(quotedValue).join(','),
        hint: String(count),
      }),
    );
  const found = matching(counted, typed.toLowerCase());
  // who typed a value whole is done
  return found.some(({ text }) => text === typed) ? [] : found;
}

/** How many rows have which value. */
function countsOf(
  key: string,
  isNamespace: boolean,
  columns: readonly Column[],
  rows: readonly Row[],
): Map<string, number> {
  const counts = new Map<string, number>();
  const column = columnNamed(key, columns);
  if (column?.time !== undefined) return counts;
  const valueOf = isNamespace ? ({ namespace }: Row) => namespace : readerOf(key, column);
  for (const row of rows) {
    const value = valueOf(row);
    if (value === undefined || isEmptyCell(value) || value.length > LONGEST || /[",\n]/.test(value)) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** Reads what a key is of in a row: a label that is called so, a column, a field, else a label. */
function readerOf(key: string, column: Column | undefined): (row: Row) => string | undefined {
  const isLabel = key.startsWith('label:');
  if (column !== undefined && !isLabel) return (row) => cellOf(row, column);
  if (!isLabel && !key.includes('/') && /[.[]/.test(key)) {
    const path = /^[.[]/.test(key) ? key : `.${key}`;
    return ({ fields }) => fields?.[path];
  }
  const name = isLabel ? key.slice('label:'.length) : key;
  return ({ labels }) => (Object.hasOwn(labels, name) ? labels[name] : undefined);
}

/** How many rows have which label. Rows of one template share their labels. */
function labelKeys(rows: readonly Row[]): Map<string, number> {
  const sets = new Map<Row['labels'], number>();
  for (const { labels } of rows) sets.set(labels, (sets.get(labels) ?? 0) + 1);
  const keys = new Map<string, number>();
  for (const [labels, count] of sets) for (const key in labels) keys.set(key, (keys.get(key) ?? 0) + count);
  return keys;
}

function ranked(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
}

function quotedValue(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
