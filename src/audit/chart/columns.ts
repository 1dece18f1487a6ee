import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import type { Sample } from './fitting.ts';
import { type Path, textOf, type Scope, valueAt } from './template.ts';

/** Of each sample the item that stands in this place; undefined: it has none. */
export type Column = readonly (JsonValue | undefined)[];

/** Lists with more places than these are not made of fixed items. */
const MOST_COLUMNS = 24;
/** An item is seen so often, or in one of so many lists where there are few. */
const LEAST = 3;
const MANY = 8;
const VALUE = '‹›';

/** Ways to say which items of lists belong together: by place where all have as many, by name, by what they begin with, by form. */
export function* columnsOf(
  samples: readonly Sample[],
  lists: readonly JsonValue[][],
  scalars: readonly Path[],
): Generator<readonly Column[]> {
  const length = lists[0]?.length ?? 0;
  if (lists.every((list) => list.length === length)) {
    yield Array.from({ length }, (_, at) => lists.map((list) => list[at]));
    if (length === 0) return;
  }
  const general = (text: string, scope: Scope): string => withoutValues(text, scope, scalars);
  const keys: ((item: JsonValue, scope: Scope) => string)[] = [
    (item, scope) => general(nameOf(item), scope),
    (item) => (typeof item === 'string' ? (/^[^\s=:]+[=:]/.exec(item)?.[0] ?? item) : nameOf(item)),
    (item, scope) => general(JSON.stringify(item), scope),
    (item) => (isJsonObject(item) ? Object.keys(item).sort().join() : typeof item),
  ];
  for (const key of keys) {
    const columns = byKeys(
      lists.map((list, i) => list.map((item) => key(item, samples[i]!.scope))),
      lists,
    );
    // what stands in one list of many is none of the fixed items
    if (columns !== undefined && columns.every((column) => isOften(column))) yield columns;
  }
}

function isOften(column: Column): boolean {
  return column.filter((item) => item !== undefined).length >= Math.min(LEAST, column.length / MANY);
}

function byKeys(keys: readonly (readonly string[])[], lists: readonly JsonValue[][]): readonly Column[] | undefined {
  const distinct = keys.map((of) => of.map((key, i) => `${key}#${of.slice(0, i).filter((one) => one === key).length}`));
  const names = ordered(distinct);
  if (names === undefined || names.length > MOST_COLUMNS) return undefined;
  return names.map((name) => lists.map((list, i) => list[distinct[i]!.indexOf(name)]));
}

/** All names in an order that no list contradicts; undefined: there is none. */
function ordered(lists: readonly (readonly string[])[]): string[] | undefined {
  const left = new Set(lists.flat());
  const names: string[] = [];
  while (left.size > 0 && names.length <= MOST_COLUMNS) {
    const next = [...left].find((name) =>
      lists.every(
        (list) => !list.includes(name) || list.slice(0, list.indexOf(name)).every((before) => !left.has(before)),
      ),
    );
    if (next === undefined) return undefined;
    names.push(next);
    left.delete(next);
  }
  return names;
}

/** How an item is called: by its name, its key, or as it is. */
function nameOf(item: JsonValue): string {
  if (!isJsonObject(item)) return textOf(item);
  const metadata = isJsonObject(item.metadata) ? item.metadata : {};
  return textOf(item.name ?? metadata.name ?? item.key ?? item);
}

/** A text with a sign for each value of the scope. */
function withoutValues(text: string, scope: Scope, scalars: readonly Path[]): string {
  const values = scalars.map((path) => textOf(valueAt(scope, path))).filter((value) => value.length > 2);
  values.sort((a, b) => b.length - a.length);
  return values.reduce((rest, value) => rest.replaceAll(value, VALUE), text);
}
