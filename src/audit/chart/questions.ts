import { isJsonObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';
import type { Places } from './leaves.ts';
import { holds, type Path, type Predicate, type Scope, valueAt } from './template.ts';

/** A question, and for which scopes it holds: the bit of each that says yes. */
export interface Asked {
  readonly question: Predicate;
  readonly yes: bigint;
}

/** A place with more values than these is not asked for single ones. */
const MOST_VALUES = 8;
/** Numbers are asked for being greater than so many of those that there are, the smallest first. */
const MOST_LIMITS = 6;

/** The bits of so many. */
export function allBits(n: number): bigint {
  return (1n << BigInt(n)) - 1n;
}

/** The bits of those that something holds for. */
export function bitsOf<T>(all: readonly T[], isMeant: (one: T, i: number) => boolean): bigint {
  let bits = 0n;
  all.forEach((one, i) => {
    if (isMeant(one, i)) bits |= 1n << BigInt(i);
  });
  return bits;
}

/** How many bits are set. */
export function countBits(bits: bigint): number {
  let n = 0;
  for (let rest = bits; rest !== 0n; rest >>= 32n) {
    let word = Number(rest & 0xffffffffn);
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    n += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return n;
}

/** The questions that tell some scopes from others, the plainest of those that tell the same. */
export function questionsOf(scopes: readonly Scope[], places: Places): readonly Asked[] {
  const all = allBits(scopes.length);
  const asked = [
    ...places.scalars.flatMap((path) => ofScalar(scopes, path)),
    ...[...places.collections, ...places.objects].flatMap((path): Predicate[] => [
      { is: 'truthy', path },
      { is: 'set', path },
    ]),
  ].sort((a, b) => rankOf(a) - rankOf(b));
  const found = new Map<bigint, Asked>();
  for (const question of asked) {
    const yes = bitsOf(scopes, (scope) => holds(question, scope));
    if (yes === 0n || yes === all || found.has(yes) || found.has(all ^ yes)) continue;
    found.set(yes, { question, yes });
  }
  return [...found.values()];
}

function ofScalar(scopes: readonly Scope[], path: Path): Predicate[] {
  // who a resource is, is no question
  if (path[0] === 'Release') return [];
  const values: JsonValue[] = [];
  for (const scope of scopes) {
    const value = valueAt(scope, path);
    if (value === undefined || value === null || isJsonObject(value)) continue;
    if (!values.some((one) => jsonEqual(one, value))) values.push(value);
  }
  const asked: Predicate[] = [
    { is: 'truthy', path },
    { is: 'set', path },
  ];
  // empty is not the same as absent
  if (values.length > MOST_VALUES && values.includes('')) asked.push({ is: 'equal', path, value: '' });
  if (values.length <= MOST_VALUES && !values.every((value) => typeof value === 'boolean'))
    asked.push(...values.map((value): Predicate => ({ is: 'equal', path, value })));
  const numbers = values.filter((value): value is number => typeof value === 'number' && value >= 0);
  numbers.sort((a, b) => a - b);
  asked.push(...numbers.slice(0, MOST_LIMITS).map((than): Predicate => ({ is: 'greater', path, than })));
  return asked;
}

/** Plain questions before special ones. */
function rankOf({ is }: Predicate): number {
  return ['truthy', 'equal', 'set', 'greater'].indexOf(is);
}
