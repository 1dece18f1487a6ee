import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { fitText } from './fit-text.ts';
import { hasFreeNames, type Places, placesOf, scopesWithin } from './leaves.ts';
import { questionsOf } from './questions.ts';
import { holds, isSame, itemsOf, type Path, type Scope, type Template, valueAt } from './template.ts';

/** A scope, and what came of it; undefined: nothing did. */
export interface Sample {
  readonly scope: Scope;
  readonly out: JsonValue | undefined;
}

/** How many questions may follow each other. */
const MOST_QUESTIONS = 4;
/** After so many of the questions that one could begin with, no other is tried. */
const MOST_TRIED = 3;
const MOST_TRIES = 200_000;
/** Lists of so many different names are taken for fixed ones. */
const MOST_NAMED = 16;

/** What fitting is done with: where values can come from, and how many questions may still be asked. */
interface Means {
  readonly places: Places;
  readonly questions: number;
  /** How much may still be tried, all together: what is no function would be looked for without end. */
  readonly left: { tries: number };
}

/**
 * The simplest template that gives all samples, of the forms that there are; undefined: there is none.
 *
 * A function of examples alone: that it also gives what was not seen must be tried.
 */
export function fit(samples: readonly Sample[]): Template | undefined {
  return fitWith(samples, {
    places: placesOf(samples.map(({ scope }) => scope)),
    questions: MOST_QUESTIONS,
    left: { tries: MOST_TRIES },
  });
}

function fitWith(samples: readonly Sample[], means: Means): Template | undefined {
  if (means.left.tries-- <= 0) return undefined;
  const [first] = samples;
  if (first === undefined || samples.every(({ out }) => out === undefined)) return { form: 'absent' };
  if (samples.every(({ out }) => isSame(out, first.out))) return { form: 'constant', value: first.out! };
  const found = fitHere(samples, means);
  // the members of an object ask for themselves
  if (found !== undefined || samples.every(({ out }) => isJsonObject(out))) return found;
  return fitByQuestion(samples, means);
}

/** Without a question: the samples are all of one type. */
function fitHere(samples: readonly Sample[], means: Means): Template | undefined {
  const { places } = means;
  if (samples.some(({ out }) => out === undefined)) return undefined;
  const copied = [...places.scalars, ...places.collections, ...places.objects].find((path) =>
    samples.every(({ scope, out }) => isSame(valueAt(scope, path), out)),
  );
  if (copied !== undefined) return { form: 'copy', path: copied };
  if (samples.every(({ out }) => isJsonObject(out))) return fitObject(samples, means);
  if (samples.every(({ out }) => Array.isArray(out))) return fitList(samples, means);
  if (samples.every(({ out }) => typeof out === 'number')) return fitNumber(samples, places.scalars);
  if (samples.every(({ out }) => typeof out === 'string'))
    return fitText(samples as readonly { readonly scope: Scope; readonly out: string }[], places.scalars);
  return undefined;
}

/**
 * A question of which one answer needs no other question, as in `if … else if … else`, or where that does not do needs one more. The
 * items of a list, and the members of an object, have questions of their own.
 */
function fitByQuestion(samples: readonly Sample[], means: Means): Template | undefined {
  if (means.questions === 0) return undefined;
  return fitBySides(samples, means, 0) ?? fitBySides(samples, means, Math.min(1, means.questions - 1));
}

/** That which settles most comes first. @param within how many questions the simple side may have */
function fitBySides(samples: readonly Sample[], means: Means, within: number): Template | undefined {
  const settled = questionsOf(samples, means.places).flatMap((question) => {
    const sides = [true, false].map((side) => samples.filter(({ scope }) => holds(question, scope) === side));
    return [0, 1].flatMap((i) => {
      const simple = fitWith(sides[i]!, { ...means, questions: within });
      return simple === undefined
        ? []
        : [{ question, simple, isYes: i === 0, of: sides[i]!.length, rest: sides[1 - i]! }];
    });
  });
  settled.sort((a, b) => b.of - sizeOf(b.simple) - (a.of - sizeOf(a.simple)));
  let best: Template | undefined;
  for (const { question, simple, isYes, rest } of settled.slice(0, MOST_TRIED)) {
    const other = fitWith(rest, { ...means, questions: means.questions - 1 });
    if (other === undefined) continue;
    const [met, otherwise] = isYes ? [simple, other] : [other, simple];
    const found: Template = { form: 'if', question, met, otherwise };
    if (best === undefined || sizeOf(found) < sizeOf(best)) best = found;
  }
  return best;
}

function fitNumber(samples: readonly Sample[], scalars: readonly Path[]): Template | undefined {
  for (const path of scalars) {
    const points = samples.map(({ scope, out }) => [valueAt(scope, path), out] as readonly [JsonValue, number]);
    const numbers = points.filter((point): point is [number, number] => typeof point[0] === 'number');
    const [x1, y1] = numbers[0] ?? [0, 0];
    const other = numbers.find(([x]) => x !== x1);
    if (numbers.length < points.length || other === undefined) continue;
    const factor = (other[1] - y1) / (other[0] - x1);
    const add = y1 - factor * x1;
    if (!Number.isInteger(factor) || !Number.isInteger(add)) continue;
    if (numbers.every(([x, y]) => factor * x + add === y)) return { form: 'affine', path, factor, add };
  }
  return undefined;
}

function fitObject(samples: readonly Sample[], means: Means): Template | undefined {
  return fitMembers(samples, means) ?? fitMerged(samples, means);
}

function fitMembers(samples: readonly Sample[], means: Means): Template | undefined {
  if (hasFreeNames(samples.map(({ out }) => out as JsonObject))) return undefined;
  const names = new Set(samples.flatMap(({ out }) => Object.keys(out as JsonObject)));
  const members = new Map<string, Template>();
  for (const name of names) {
    const member = fitWith(
      samples.map(({ scope, out }) => ({ scope, out: (out as JsonObject)[name] })),
      means,
    );
    if (member === undefined) return undefined;
    members.set(name, member);
  }
  return { form: 'object', members };
}

/** Members that come of a map, and others that do not. */
function fitMerged(samples: readonly Sample[], means: Means): Template | undefined {
  for (const path of means.places.collections) {
    const maps = samples.map(({ scope }) => valueAt(scope, path) ?? {});
    if (!maps.every(isJsonObject)) continue;
    for (const prefix of prefixesIn(samples, maps)) {
      const found = fitMergedBy(samples, path, prefix, means);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What stands before the names of a map in those of the objects, by the first sample that has any. */
function prefixesIn(samples: readonly Sample[], maps: readonly JsonObject[]): ReadonlySet<string> {
  const at = maps.findIndex((map) => Object.keys(map).length > 0);
  if (at < 0) return new Set();
  const [name = ''] = Object.keys(maps[at]!);
  const members = Object.keys(samples[at]!.out as JsonObject).filter((member) => member.endsWith(name));
  return new Set(members.map((member) => member.slice(0, member.length - name.length)));
}

function fitMergedBy(samples: readonly Sample[], path: Path, prefix: string, means: Means): Template | undefined {
  const items: Sample[] = [];
  const rests: Sample[] = [];
  for (const { scope, out } of samples) {
    const rest = { ...(out as JsonObject) };
    for (const within of scopesWithin(scope, path)) {
      const member = `${prefix}${(within.items.at(-1) as { readonly key: string }).key}`;
      if (!Object.hasOwn(rest, member)) return undefined;
      items.push({ scope: within, out: rest[member] });
      delete rest[member];
    }
    rests.push({ scope, out: rest });
  }
  const base = fitMembers(rests, means);
  const value = base && fitWith(items, { ...means, places: placesOf(items.map(({ scope }) => scope)) });
  return base && value && { form: 'merge', base, path, prefix, value };
}

function fitList(samples: readonly Sample[], means: Means): Template | undefined {
  return fitRange(samples, means) ?? fitNamed(samples, means) ?? fitPlaces(samples, means);
}

/** An item for each of a list or map of the scope, and fixed ones before and behind. */
function fitRange(samples: readonly Sample[], means: Means): Template | undefined {
  for (const path of means.places.collections) {
    const lengths = samples.map(({ scope, out }) => [
      (out as JsonValue[]).length,
      itemsOf(valueAt(scope, path)).length,
    ]);
    const fixed = lengths[0]![0]! - lengths[0]![1]!;
    if (fixed < 0 || lengths.some(([all, items]) => all! - items! !== fixed)) continue;
    if (new Set(lengths.map(([, items]) => items)).size < 2) continue;
    for (let before = 0; before <= fixed; before++) {
      const found = fitRangeAt(samples, path, before, fixed - before, means);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function fitRangeAt(
  samples: readonly Sample[],
  path: Path,
  before: number,
  behind: number,
  means: Means,
): Template | undefined {
  const items = samples.flatMap(({ scope, out }) => {
    const list = (out as JsonValue[]).slice(before, (out as JsonValue[]).length - behind);
    return scopesWithin(scope, path).map((within, i) => ({ scope: within, out: list[i] }));
  });
  const item = fitWith(items, { ...means, places: placesOf(items.map(({ scope }) => scope)) });
  if (item === undefined || (item.form === 'constant' && items.length < 2)) return undefined;
  const isMap = samples.some(({ scope }) => isJsonObject(valueAt(scope, path)));
  const range: Template = { form: 'range', path, over: isMap ? 'map' : 'list', item };
  if (before + behind === 0) return range;
  const part = (from: number, to: number | undefined): Template | undefined =>
    fitPlaces(
      samples.map(({ scope, out }) => ({ scope, out: (out as JsonValue[]).slice(from, to) })),
      means,
    );
  const head = part(0, before);
  const tail = behind === 0 ? { form: 'list' as const, items: [] } : part(-behind, undefined);
  return head && tail && { form: 'concat', lists: [head, range, tail] };
}

/** Items that are told apart by their names, of which some may be absent. */
function fitNamed(samples: readonly Sample[], means: Means): Template | undefined {
  const lists = samples.map(({ out }) =>
    (out as JsonValue[]).map((item) => (isJsonObject(item) ? item.name : undefined)),
  );
  if (!lists.flat().every((name) => typeof name === 'string')) return undefined;
  const names = ordered(lists as readonly string[][]);
  if (names === undefined || names.length > MOST_NAMED) return undefined;
  const items = names.map((name) =>
    fitWith(
      samples.map(({ scope, out }, i) => ({ scope, out: (out as JsonValue[])[lists[i]!.indexOf(name)] })),
      means,
    ),
  );
  return items.includes(undefined) ? undefined : { form: 'list', items: items as Template[] };
}

/** All names in an order that no list contradicts; undefined: there is none. */
function ordered(lists: readonly (readonly string[])[]): string[] | undefined {
  const left = new Set(lists.flat());
  const names: string[] = [];
  while (left.size > 0) {
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

/** Lists of one length, place by place. */
function fitPlaces(samples: readonly Sample[], means: Means): Template | undefined {
  const { length } = samples[0]!.out as JsonValue[];
  if (samples.some(({ out }) => (out as JsonValue[]).length !== length)) return undefined;
  const items = Array.from({ length }, (_, i) =>
    fitWith(
      samples.map(({ scope, out }) => ({ scope, out: (out as JsonValue[])[i] })),
      means,
    ),
  );
  return items.includes(undefined) ? undefined : { form: 'list', items: items as Template[] };
}

/** How much a template says, so that the simpler of two can be taken. */
export function sizeOf(template: Template): number {
  switch (template.form) {
    case 'object':
      return [...template.members.values()].reduce((sum, one) => sum + sizeOf(one), 1);
    case 'list':
      return template.items.reduce((sum, one) => sum + sizeOf(one), 1);
    case 'concat':
      return template.lists.reduce((sum, one) => sum + sizeOf(one), 1);
    case 'range':
      return 2 + sizeOf(template.item);
    case 'merge':
      return 2 + sizeOf(template.base) + sizeOf(template.value);
    case 'if':
      return 3 + sizeOf(template.met) + sizeOf(template.otherwise);
    case 'apply':
      return 1 + sizeOf(template.of);
    case 'text':
      return template.parts.length;
    default:
      return 1;
  }
}
