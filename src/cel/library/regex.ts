import { compileRegexp, type GoRegexp } from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, memberOverload } from '../function.ts';
import { INT, listType, STRING } from '../type.ts';
import { ArrayList, CelError, type CelValue } from '../value.ts';

/** `find()` and `findAll()`; the second argument is a pattern in Go's syntax. */
export const REGEX_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('find', [
    memberOverload('string_find_string', [STRING, STRING], STRING, (text, pattern) =>
      withPattern(pattern, (regexp) => regexp.find(text as string) ?? ''),
    ),
  ]),
  defineFunction('findAll', [
    memberOverload('string_find_all_string', [STRING, STRING], listType(STRING), (text, pattern) =>
      findAll(text, pattern, -1n),
    ),
    memberOverload('string_find_all_string_int', [STRING, STRING, INT], listType(STRING), findAll),
  ]),
];

/** The functions whose second argument is a pattern; one that is written down must be right. */
export const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['find', 'findAll']);

/** What is wrong with a pattern, in Go's words; undefined for nothing. */
export function patternFault(pattern: string): string | undefined {
  const compiled = compile(pattern);
  return typeof compiled === 'string' ? compiled : undefined;
}

function findAll(text: CelValue, pattern: CelValue, limit: CelValue): CelValue {
  const most = (limit as bigint) < 0n ? undefined : Number(limit as bigint);
  return withPattern(pattern, (regexp) => new ArrayList(regexp.findAll(text as string, most)));
}

function withPattern(pattern: CelValue, use: (regexp: GoRegexp) => CelValue): CelValue {
  const compiled = compile(pattern as string);
  return typeof compiled === 'string' ? new CelError(`Illegal regex: ${compiled}`) : use(compiled);
}

function compile(pattern: string): GoRegexp | string {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    return (error as Error).message;
  }
}
