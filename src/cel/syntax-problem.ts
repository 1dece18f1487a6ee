import { parse } from './parser.ts';

/**
 * What is wrong with an expression by its syntax alone, as cel-go prints it; undefined: nothing. For expressions of others, whose
 * variables and functions are not known here.
 */
export function syntaxProblem(source: string): string | undefined {
  const { expr, issues } = parse(source);
  return expr === undefined ? issues.toString() : undefined;
}
