import { isDay, ParseError } from 'nekube/apimachinery';
import { readMilestone } from '../document/values.ts';
import { FILTER_FIELDS, type FilterField, type KepFilter, type Term, valuesOf } from './filter.ts';

/**
 * Reads a filter: words, and terms as `sig:node`, `stage:alpha,beta`, `-status:withdrawn`, `milestone:>=v1.36`, `title:"job api"`,
 * `is:stale`, `-is:stale`.
 *
 * @throws ParseError: a field or a value that there is none of, with those that there are
 */
export function parseFilter(text: string): KepFilter {
  const terms: Term[] = [];
  const words: string[] = [];
  let isStale: boolean | undefined;
  for (const [, sign, field, value = '', word] of text.matchAll(/(-?)([a-z-]+):("[^"]*"|\S*)|("[^"]*"|\S+)/g)) {
    if (field === undefined) words.push(unquoted(word!));
    else if (field === 'is') {
      requireStale(value);
      isStale = sign === '';
    } else terms.push(termOf(field, value.startsWith('"') ? [unquoted(value)] : value.split(','), sign === '-'));
  }
  return { terms, words, ...(isStale !== undefined && { isStale }) };
}

/** @throws ParseError for anything else: there is nothing more that `is:` asks for */
function requireStale(value: string): void {
  if (value !== 'stale') throw new ParseError(`"is:" must have stale, not ${JSON.stringify(value)}`);
}

/**
 * A term of a field and the values it may have.
 *
 * @throws ParseError as {@link parseFilter}
 */
export function termOf(field: string, values: readonly string[], isNegated = false): Term {
  if (!Object.hasOwn(FILTER_FIELDS, field))
    throw new ParseError(
      `there is no field ${JSON.stringify(field)}; there are ${Object.keys(FILTER_FIELDS).join(', ')}, and is:stale`,
    );
  const known = field as FilterField;
  const wanted = values.map((value) => value.trim()).filter((value) => value !== '');
  if (wanted.length === 0) throw new ParseError(`"${field}:" must have a value`);
  for (const value of wanted) checkValue(known, value);
  return { field: known, values: wanted, ...(isNegated && { isNegated }) };
}

function checkValue(field: FilterField, value: string): void {
  const known = valuesOf(field);
  if (known !== undefined && !known.includes(value.toLowerCase()))
    throw new ParseError(`${JSON.stringify(value)} is no ${field}; there are ${known.join(', ')}`);
  const operand = value.replace(/^(?:>=|<=|>|<)/, '');
  const isOfDays = field === 'created' || field === 'updated' || field === 'changed';
  if (isOfDays && !isDay(operand))
    throw new ParseError(`"${field}:" must have a day as 2006-01-31, not ${JSON.stringify(operand)}`);
  const isRelease = ['milestone', 'latest-milestone', 'alpha', 'beta', 'stable'].includes(field);
  if (isRelease && readMilestone(operand) === undefined)
    throw new ParseError(`"${field}:" must have a release as v1.36, not ${JSON.stringify(operand)}`);
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '');
}
