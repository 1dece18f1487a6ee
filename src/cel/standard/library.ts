import type { FunctionDeclaration } from '../function.ts';
import { CONVERSIONS } from './conversions.ts';
import { OPERATORS } from './operators.ts';
import { MAP_INSERT, OPTIONAL_FUNCTIONS } from './optionals.ts';
import { TEXT_FUNCTIONS } from './texts.ts';
import { TIME_FUNCTIONS } from './times.ts';

/** What every expression can call: the language's own functions, optionals, and what macros are made of. */
export const STANDARD_LIBRARY: readonly FunctionDeclaration[] = [
  ...OPERATORS,
  ...TEXT_FUNCTIONS,
  ...CONVERSIONS,
  ...TIME_FUNCTIONS,
  ...OPTIONAL_FUNCTIONS,
  MAP_INSERT,
];
