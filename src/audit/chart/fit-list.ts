import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { columnsOf } from './columns.ts';
import type { Fitting, Sample } from './fitting.ts';
import { sourceIn } from './sources.ts';
import { itemsOf, type Path, scopesWithin, type Template, valueAt } from './template.ts';

/** Of so many collections a list can be made. */
const MOST_COLLECTIONS = 3;

/** Lists, each taken apart: what comes of the items of collections, and where they stand among the fixed ones. */
interface Taken {
  readonly path: Path;
  /** Of each sample the items by the index of the one that they come of. */
  readonly items: readonly (readonly JsonValue[][])[];
  /** Of each sample, how many fixed items stand before; undefined: there is none of these. */
  readonly before: readonly (number | undefined)[];
  /** Of each sample, where the first of the items stands. */
  readonly first: readonly (number | undefined)[];
}

/** A list: loops over collections, and fixed items, of which some may not be there. No list is a list without items. */
export function fitList(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const lists = samples.map(({ out = [] }) => out as JsonValue[]);
  const likely = sourcesOf(samples, lists, fitting, (mark) => fitting.tells(mark));
  const any = sourcesOf(samples, lists, fitting);
  for (const sources of isSameSources(likely, any) ? [any] : [likely, any]) {
    // what comes of all that shows in it is likelier than a part of that
    for (const [i, some] of subsets(sources).entries()) {
      const found =
        fitBySources(samples, lists, some, fitting) ?? (i === 0 ? fitByLengths(samples, lists, fitting) : undefined);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

interface Sources {
  readonly path: Path;
  /** Of each sample, of which item each item of the list is made. */
  readonly at: readonly (readonly (number | undefined)[])[];
}

/** The collections of which items are made, those of the innermost loop first. */
function sourcesOf(
  samples: readonly Sample[],
  lists: readonly JsonValue[][],
  fitting: Fitting,
  tells?: (mark: string) => boolean,
): readonly Sources[] {
  const all = [...fitting.about(samples).places.collections].reverse().flatMap((path): Sources[] => {
    const at = samples.map(({ scope }, i) => lists[i]!.map((item) => sourceIn(item, scope, path, tells)));
    // what has several in it may have a list of them, and where there is only one shows nothing else
    if (at.flat().includes('several')) return [];
    return [{ path, at: at as (number | undefined)[][] }];
  });
  return all.filter(({ at }) => at.flat().some((one) => one !== undefined)).slice(0, MOST_COLLECTIONS);
}

function isSameSources(a: readonly Sources[], b: readonly Sources[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** All of them, then fewer. */
function subsets<T>(all: readonly T[]): readonly (readonly T[])[] {
  const found = all.reduce<T[][]>((some, one) => some.flatMap((of) => [[...of, one], of]), [[]]);
  return found.sort((a, b) => b.length - a.length);
}

function fitBySources(
  samples: readonly Sample[],
  lists: readonly JsonValue[][],
  sources: readonly Sources[],
  fitting: Fitting,
): Template | undefined {
  const parts = takeApart(samples, lists, sources);
  if (parts === undefined) return undefined;
  const { fixed, taken } = parts;
  const ranges = taken.map((one) => rangeOf(one, samples, fitting));
  if (ranges.includes(undefined)) return undefined;
  for (const columns of columnsOf(samples, fixed, fitting.about(samples).places.scalars)) {
    const places = taken.map(({ before }) => placeAmong(columns, fixed, before));
    if (places.includes(undefined)) continue;
    const items = columns.map((column) => fitting.fit(column.map((out, i) => ({ scope: samples[i]!.scope, out }))));
    if (items.includes(undefined)) continue;
    return together(items as Template[], ranges as Template[], places as number[]);
  }
  return undefined;
}

/** Undefined: what comes of a collection does not stand together, or not in its order. */
function takeApart(samples: readonly Sample[], lists: readonly JsonValue[][], sources: readonly Sources[]) {
  const fixed: JsonValue[][] = lists.map(() => []);
  const taken: Taken[] = sources.map(({ path }) => ({ path, items: lists.map(() => []), before: [], first: [] }));
  const before = sources.map((): (number | undefined)[] => []);
  const first = sources.map((): (number | undefined)[] => []);
  for (const [i, list] of lists.entries()) {
    const ended = new Set<number>();
    let last = -1;
    for (const [at, item] of list.entries()) {
      const of = sources.findIndex((one) => one.at[i]![at] !== undefined);
      if (of !== last && last >= 0) ended.add(last);
      if (ended.has(of)) return undefined;
      last = of;
      if (of < 0) {
        fixed[i]!.push(item);
        continue;
      }
      const items = taken[of]!.items[i] as JsonValue[][];
      const from = sources[of]!.at[i]![at]!;
      if (from < items.length - 1) return undefined;
      while (items.length <= from) items.push([]);
      items[from]!.push(item);
      before[of]![i] ??= fixed[i]!.length;
      first[of]![i] ??= at;
    }
  }
  const found = taken.map((one, of): Taken => ({ ...one, before: before[of]!, first: first[of]! }));
  return { samples, fixed, taken: found.sort(byPlace) };
}

/** Which of two loops comes first, where nothing stands between them. */
function byPlace(a: Taken, b: Taken): number {
  const both = a.first.findIndex((at, i) => at !== undefined && b.first[i] !== undefined);
  return both < 0 ? 0 : a.first[both]! - b.first[both]!;
}

/** A loop, of which each item comes to one, none or several. */
function rangeOf({ path, items }: Taken, samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const flat = items.some((of) => of.some((one) => one.length > 1));
  const within = samples.flatMap(({ scope }, i) =>
    scopesWithin(scope, path).map((one, at): Sample => {
      const out = items[i]![at] ?? [];
      return { scope: one, out: flat ? (out.length === 0 ? undefined : out) : out[0] };
    }),
  );
  const item = fitting.fit(within);
  return item && { form: 'range', path, over: overOf(samples, path), item, flat };
}

function overOf(samples: readonly Sample[], path: Path): 'list' | 'map' {
  return samples.some(({ scope }) => isJsonObject(valueAt(scope, path))) ? 'map' : 'list';
}

/** Before which column a loop stands, as no list contradicts; undefined: there is no such place. */
function placeAmong(
  columns: readonly (readonly (JsonValue | undefined)[])[],
  fixed: readonly (readonly JsonValue[])[],
  before: readonly (number | undefined)[],
): number | undefined {
  let [least, most] = [0, columns.length];
  for (const [i, list] of fixed.entries()) {
    const n = before[i];
    if (n === undefined) continue;
    const there = columns.flatMap((column, at) => (column[i] === undefined ? [] : [at]));
    if (n > 0) least = Math.max(least, there[n - 1]! + 1);
    if (n < list.length) most = Math.min(most, there[n]!);
  }
  return least <= most ? least : undefined;
}

function together(items: readonly Template[], ranges: readonly Template[], places: readonly number[]): Template {
  if (ranges.length === 0) return { form: 'list', items };
  const order = ranges.map((range, i) => ({ range, at: places[i]! })).sort((a, b) => a.at - b.at);
  const lists: Template[] = [];
  let from = 0;
  for (const { range, at } of order) {
    if (at > from) lists.push({ form: 'list', items: items.slice(from, at) });
    lists.push(range);
    from = at;
  }
  if (from < items.length) lists.push({ form: 'list', items: items.slice(from) });
  return lists.length === 1 ? lists[0]! : { form: 'concat', lists };
}

/** Items that show nothing of where they come from: as many as a collection has, behind and before fixed ones. */
function fitByLengths(
  samples: readonly Sample[],
  lists: readonly JsonValue[][],
  fitting: Fitting,
): Template | undefined {
  for (const path of fitting.about(samples).places.collections) {
    const counts = samples.map(({ scope }) => itemsOf(valueAt(scope, path)).length);
    const fixed = lists[0]!.length - counts[0]!;
    if (fixed < 0 || new Set(counts).size < 2 || lists.some((list, i) => list.length - counts[i]! !== fixed)) continue;
    for (let before = 0; before <= fixed; before++) {
      const isOf = (at: number, i: number): boolean => at >= before && at < before + counts[i]!;
      const at = lists.map((list, i) => list.map((_, n) => (isOf(n, i) ? n - before : undefined)));
      const found = fitBySources(samples, lists, [{ path, at }], fitting);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
