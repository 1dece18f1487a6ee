import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { evaluate, isSame, type Scope, scopesWithin, type Template } from './template.ts';

/** A place of a list: a template that gives one item, or none. */
export interface Slot {
  readonly template: Template;
  readonly scope: Scope;
}

/** The places of a list in a scope, in their order; undefined: it is of another form. */
export function slotsOf(list: Template, scope: Scope): readonly Slot[] | undefined {
  switch (list.form) {
    case 'list':
      return list.items.map((template) => ({ template, scope }));
    case 'range': {
      const within = scopesWithin(scope, list.path);
      return list.flat
        ? together(within.map((one) => slotsOf(list.item, one)))
        : within.map((one) => ({ template: list.item, scope: one }));
    }
    case 'concat':
      return together(list.lists.map((one) => slotsOf(one, scope)));
    default:
      return undefined;
  }
}

function together(all: readonly (readonly Slot[] | undefined)[]): readonly Slot[] | undefined {
  return all.includes(undefined) ? undefined : all.flatMap((slots) => slots!);
}

/** A list with other templates in its places. */
export function withSlots(list: Template, found: ReadonlyMap<Template, Template>): Template {
  const other = (one: Template): Template => found.get(one) ?? one;
  switch (list.form) {
    case 'list':
      return { ...list, items: list.items.map(other) };
    case 'range':
      return { ...list, item: list.flat ? withSlots(list.item, found) : other(list.item) };
    case 'concat':
      return { ...list, lists: list.lists.map((one) => withSlots(one, found)) };
    default:
      return list;
  }
}

/** What it is worth that an item stands where one was awaited. */
const AWAITED = 0.5;

/**
 * In which place each item of a list stands: of each place the index of its item, so that they are as like as they can be to what the places
 * give; undefined: there are more items than places.
 */
export function aligned(
  slots: readonly Slot[],
  items: readonly JsonValue[],
): readonly (number | undefined)[] | undefined {
  if (items.length > slots.length) return undefined;
  const would = slots.map(({ template, scope }) => evaluate(inAnyCase(template), scope));
  const isAwaited = slots.map(({ template, scope }) => evaluate(template, scope) !== undefined);
  // best[i][j]: of the first i places and the first j items
  const best: number[][] = [[0, ...items.map(() => Number.NEGATIVE_INFINITY)]];
  for (let i = 1; i <= slots.length; i++) {
    best.push([0]);
    for (let j = 1; j <= items.length; j++)
      best[i]!.push(Math.max(best[i - 1]![j]!, best[i - 1]![j - 1]! + worth(i, j)));
  }
  const places: (number | undefined)[] = slots.map(() => undefined);
  for (let [i, j] = [slots.length, items.length]; j > 0; i--) {
    if (best[i]![j] !== best[i - 1]![j - 1]! + worth(i, j)) continue;
    places[i - 1] = --j;
  }
  return places;

  function worth(i: number, j: number): number {
    return likeness(would[i - 1], items[j - 1]!) + (isAwaited[i - 1] ? AWAITED : 0);
  }
}

/** What stands in a place if anything does. */
function inAnyCase(template: Template): Template {
  if (template.form !== 'if') return template;
  if (template.otherwise.form === 'absent') return inAnyCase(template.met);
  return template.met.form === 'absent' ? inAnyCase(template.otherwise) : template;
}

function likeness(a: JsonValue | undefined, b: JsonValue): number {
  if (isSame(a, b)) return 6;
  if (!isJsonObject(a) || !isJsonObject(b)) return typeof a === typeof b ? 1 : 0;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return 1 + (4 * [...names].filter((name) => isSame(a[name], b[name])).length) / Math.max(1, names.size);
}
