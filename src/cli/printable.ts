import { type JsonValue, stringifyJson } from 'nekube/apimachinery';

/** What a terminal obeys instead of showing it, and what turns the direction of a text, so that it reads as another. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * A text of a cluster or a file as it may be shown on a terminal, in one line: whoever may write a name or a value must not
 * move the cursor of who reads it. Control characters are shown as JSON escapes them.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** The same of a text that has lines. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (one) => (one === '\n' ? one : escaped(one)));
}

/** JSON that a terminal may show: equal to what `stringifyJson` gives, which leaves some control characters as they are. */
export function printableJson(value: JsonValue): string {
  return printable(stringifyJson(value));
}

function escaped(one: string): string {
  return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
