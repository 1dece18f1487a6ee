import { compileRegexp } from 'nekube/apimachinery';
import type { Planned } from './attribute.ts';
import { misfit } from './call-step.ts';
import type { Overload } from './function.ts';
import { fits } from './kind.ts';
import { CelError, type CelValue } from './value.ts';

/** Conversions of literals are done once, when the program is made. */
export function foldable(name: string, overloads: readonly Overload[], args: readonly Planned[]): CelValue | undefined {
  const [only] = args;
  if (!CONVERSIONS.has(name) || args.length !== 1 || only!.constant === undefined) return undefined;
  const overload = overloads.find(({ params }) => fits(only!.constant!, params[0]!));
  return overload?.call === undefined ? misfit(name, [only!.constant]) : overload.call(only!.constant);
}

/** Patterns that are literals are compiled when the program is made. */
export function wrongPattern(name: string, args: readonly Planned[]): CelError | undefined {
  const pattern = args[1]?.constant;
  if (!PATTERN_FUNCTIONS.has(name) || typeof pattern !== 'string') return undefined;
  try {
    compileRegexp(pattern);
    return undefined;
  } catch (error) {
    return new CelError((error as Error).message);
  }
}

/** Functions whose second argument is a regular expression. */
export const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

const CONVERSIONS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);
