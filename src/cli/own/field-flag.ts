import type { FieldChoice } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { CliError } from '../io.ts';

/** The fields that a path means, as messages print it: the field itself and all below it. @throws CliError */
export function fieldChoiceOf(text: string): FieldChoice {
  const wanted = /^[.[]/.test(text) ? text : `.${text}`;
  if (wanted === '.') throw new CliError(`Cannot use --path ${JSON.stringify(text)}`, { hint: 'as in .spec.replicas' });
  return { matches: (path) => path.some((_, i) => formatPath(path.slice(0, i + 1)) === wanted) };
}
