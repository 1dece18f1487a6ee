import { compileRegexp, type GoRegexp } from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { sizeOf } from '../kind.ts';
import { BOOL, BYTES, INT, listType, mapType, STRING, typeParam } from '../type.ts';
import { CelError, type CelValue, noSuchOverload } from '../value.ts';

const LIST_A = listType(typeParam('A'));
const MAP_AB = mapType(typeParam('A'), typeParam('B'));

/** Sizes, and what is asked of texts. */
export const TEXT_FUNCTIONS: readonly FunctionDeclaration[] = [
  defineFunction('size', [
    globalOverload('size_bytes', [BYTES], INT, size),
    memberOverload('bytes_size', [BYTES], INT, size),
    globalOverload('size_list', [LIST_A], INT, size),
    memberOverload('list_size', [LIST_A], INT, size),
    globalOverload('size_map', [MAP_AB], INT, size),
    memberOverload('map_size', [MAP_AB], INT, size),
    globalOverload('size_string', [STRING], INT, size),
    memberOverload('string_size', [STRING], INT, size),
  ]),
  defineFunction(
    'contains',
    [
      memberOverload(
        'contains_string',
        [STRING, STRING],
        BOOL,
        ofTexts((a, b) => a.includes(b)),
      ),
    ],
    { unguarded: true },
  ),
  defineFunction(
    'endsWith',
    [
      memberOverload(
        'ends_with_string',
        [STRING, STRING],
        BOOL,
        ofTexts((a, b) => a.endsWith(b)),
      ),
    ],
    { unguarded: true },
  ),
  defineFunction(
    'startsWith',
    [
      memberOverload(
        'starts_with_string',
        [STRING, STRING],
        BOOL,
        ofTexts((a, b) => a.startsWith(b)),
      ),
    ],
    { unguarded: true },
  ),
  defineFunction('matches', [
    globalOverload('matches', [STRING, STRING], BOOL, ofTexts(matches)),
    memberOverload('matches_string', [STRING, STRING], BOOL, ofTexts(matches)),
  ]),
];

function size(value: CelValue): CelValue {
  return BigInt(sizeOf(value));
}

function ofTexts(call: (a: string, b: string) => CelValue): (a: CelValue, b: CelValue) => CelValue {
  return (a, b) => (typeof a === 'string' && typeof b === 'string' ? call(a, b) : noSuchOverload());
}

/** The pattern that was used last: literals are compiled once. */
let last: { readonly pattern: string; readonly regexp: GoRegexp } | undefined;

function matches(text: string, pattern: string): CelValue {
  if (last?.pattern !== pattern) {
    try {
      last = { pattern, regexp: compileRegexp(pattern) };
    } catch (error) {
      return new CelError((error as Error).message);
    }
  }
  return last.regexp.test(text);
}
