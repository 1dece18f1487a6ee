import { ParseError } from './parse-error.ts';

/** One requirement of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A selector over the few fields that a resource lets be selected: all of its requirements must hold. */
export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  static readonly everything: FieldSelector = new FieldSelector([]);

  /** True when it selects everything. */
  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /** Whether fields meet all requirements; a field that is not there is the empty text. */
  matches(fields: Readonly<Record<string, string>>): boolean {
    return this.requirements.every(({ field, operator, value }) => {
      const actual = Object.hasOwn(fields, field) ? fields[field] : '';
      return (actual === value) === (operator === '=');
    });
  }

  /** The one value that the field must have, where the selector says so. */
  exactMatch(field: string): string | undefined {
    return this.requirements.find((r) => r.field === field && r.operator === '=')?.value;
  }

  /** A selector with fields renamed or checked by `change`, which may throw; undefined drops a requirement. */
  map(change: (requirement: FieldRequirement) => FieldRequirement | undefined): FieldSelector {
    return new FieldSelector(this.requirements.map(change).filter((r) => r !== undefined));
  }

  /** The text that {@link parseFieldSelector} reads. */
  toString(): string {
    return this.requirements.map((r) => `${r.field}${r.operator}${escapeFieldValue(r.value)}`).join(',');
  }
}

/** Escapes `\`, `,` and `=` in the value of a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/**
 * Reads a selector as in `?fieldSelector=`: `metadata.name=a,status.phase!=Running`.
 *
 * Requirements are sorted by their texts; one without field and value is passed over. Whether a resource knows the fields is for the caller to say.
 *
 * @throws ParseError with the message that kube-apiserver answers.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text)
    .sort()
    .filter((term) => term !== '');
  const requirements = terms.map((term) => parseTerm(text, term));
  return new FieldSelector(requirements.filter(({ field, value }) => field !== '' || value !== ''));
}

/** Splits at commas that no backslash precedes; the backslashes stay. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function parseTerm(selector: string, term: string): FieldRequirement {
  const match = /!=|==|=/.exec(term);
  if (!match) throw new ParseError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const value = unescape(term.slice(match.index + match[0].length));
  return { field: term.slice(0, match.index), operator: match[0] === '!=' ? '!=' : '=', value };
}

function unescape(text: string): string {
  return text.replace(/\\([^])?|[,=]/gu, (found, escaped: string | undefined) => {
    // Go prints the code point of the character, as it formats a rune with %v
    if (!found.startsWith('\\'))
      throw new ParseError(`invalid field selector: unescaped character in value: ${found.codePointAt(0)}`);
    if (escaped === undefined || !'\\,='.includes(escaped))
      throw new ParseError(`invalid field selector: invalid escape sequence: ${found}`);
    return escaped;
  });
}
