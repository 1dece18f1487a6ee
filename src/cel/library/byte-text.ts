import { goQuote } from 'nekube/apimachinery';

/**
 * Texts as Go holds them: one character for each byte of UTF-8, so that what percent-encoding makes of a text, which
 * need not be UTF-8, can be sliced, compared and quoted as Go does.
 */

/** The bytes of a text, one character each. */
export function toByteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of bytes; what is not UTF-8 becomes U+FFFD. */
export function fromByteText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Go's `%q` of bytes: `\x` forms for what is not UTF-8. */
export function quoteByteText(bytes: string): string {
  if (isAscii(bytes)) return goQuote(bytes);
  let out = '';
  for (const [part] of bytes.matchAll(UTF8_OR_BYTE)) {
    const stray = part.length === 1 && part >= '\x80';
    out += stray ? `\\x${part.charCodeAt(0).toString(16)}` : goQuote(fromByteText(part)).slice(1, -1);
  }
  return `"${out}"`;
}

/** One character in UTF-8, or else any one byte. */
const UTF8_OR_BYTE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[^]/g;

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
