import { ParseError } from './parse-error.ts';

/**
 * An error with go-yaml's message. `line` is the number it prints, from 1, or 0 where it prints none: it counts
 * lines its own way, and never names the first.
 */
export function yamlError(problem: string, line = 0): ParseError {
  return new ParseError(`yaml: ${line > 0 ? `line ${line}: ` : ''}${problem}`, line > 0 ? { line } : {});
}
