import { jsonEqual, type JsonValue } from 'nekube/apimachinery';
import type { Sample } from './fit.ts';
import type { Places } from './leaves.ts';
import { holds, isSame, type Path, type Predicate, valueAt } from './template.ts';

/** So many questions are asked, those that settle most. */
const MOST_ASKED = 24;
/** A place with more values than these is not asked for single ones. */
const MOST_VALUES = 6;

/** The questions that separate samples into two, those first of which one side always comes to the same, and is large. */
export function questionsOf(samples: readonly Sample[], places: Places): readonly Predicate[] {
  const asked = [
    ...places.scalars.flatMap((path) => ofScalar(samples, path)),
    ...[...places.collections, ...places.objects].flatMap((path): Predicate[] => [
      { is: 'truthy', path },
      { is: 'set', path },
    ]),
  ];
  const rated = asked.flatMap((question) => {
    const sides = [true, false].map((side) => samples.filter(({ scope }) => holds(question, scope) === side));
    if (sides.some(({ length }) => length === 0)) return [];
    return [{ question, settles: Math.max(...sides.map(settled)) }];
  });
  rated.sort((a, b) => b.settles - a.settles || rankOf(a.question) - rankOf(b.question));
  return rated.slice(0, MOST_ASKED).map(({ question }) => question);
}

/** How many samples a side has, if they all come to the same. */
function settled(side: readonly Sample[]): number {
  const [first] = side;
  return side.every(({ out }) => isSame(out, first?.out)) ? side.length : 0;
}

function ofScalar(samples: readonly Sample[], path: Path): Predicate[] {
  // who a resource is, is no question
  if (path[0] === 'Release') return [];
  const values: JsonValue[] = [];
  for (const { scope } of samples) {
    const value = valueAt(scope, path);
    if (value !== undefined && !values.some((one) => jsonEqual(one, value))) values.push(value);
  }
  const asked: Predicate[] = [
    { is: 'truthy', path },
    { is: 'set', path },
  ];
  if (values.length <= MOST_VALUES && !values.every((value) => typeof value === 'boolean'))
    asked.push(...values.map((value): Predicate => ({ is: 'equal', path, value })));
  const numbers = values.filter((value): value is number => typeof value === 'number').sort((a, b) => a - b);
  asked.push(...numbers.slice(0, MOST_VALUES).map((than): Predicate => ({ is: 'greater', path, than })));
  return asked;
}

/** Plain questions before special ones. */
function rankOf({ is }: Predicate): number {
  return ['truthy', 'equal', 'set', 'greater'].indexOf(is);
}
