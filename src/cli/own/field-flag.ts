import type { FieldChoice } from 'nekube/ownership';
import { isMalformedPattern, parsePathPattern } from 'nekube/smd';
import { CliError } from '../io.ts';

/** The fields that a path or a pattern means, with all below them. @throws CliError that says where it is wrong */
export function fieldChoiceOf(text: string, flag = '--path'): FieldChoice {
  const pattern = parsePathPattern(text);
  if (isMalformedPattern(pattern))
    throw new CliError(`Cannot use ${flag}: ${pattern.malformed}`, { hint: pattern.fix });
  return pattern;
}
