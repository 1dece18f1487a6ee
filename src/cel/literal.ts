/** Text with lone bytes, as Go's strings have them: in literals of bytes an escape may stand for a single byte. */
export type Unquoted = { readonly bytes: Buffer } | { readonly error: string };

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
};

const DIGITS: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 };

/**
 * Takes the quotes off a literal and resolves its escapes.
 *
 * @param isBytes octal and hexadecimal escapes are bytes then, and code points have none
 */
export function unquote(literal: string, isBytes: boolean): Unquoted {
  const raw = /^[rR]/.test(literal);
  const quoted = raw ? literal.slice(1) : literal;
  const quote = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''")) ? 3 : 1;
  const inner = quoted.slice(quote, -quote).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  if (raw || !inner.includes('\\')) return { bytes: Buffer.from(inner) };
  const parts: Buffer[] = [];
  for (const [piece] of inner.matchAll(/[^\\]+|\\[0-3][0-7]{2}|\\[xX][^]{2}|\\u[^]{4}|\\U[^]{8}|\\[^]?/g)) {
    const part = piece.startsWith('\\') ? unescape(piece, isBytes) : Buffer.from(piece);
    if (typeof part === 'string') return { error: part };
    parts.push(part);
  }
  return { bytes: Buffer.concat(parts) };
}

/** @returns the bytes of an escape, or what is wrong with it */
function unescape(escape: string, isBytes: boolean): Buffer | string {
  const letter = escape[1];
  if (letter === undefined) return "unable to unescape string, found '\\' as last character";
  const simple = SIMPLE[letter];
  if (simple !== undefined) return Buffer.of(simple);
  const octal = /^\\[0-3][0-7]{2}$/.test(escape);
  if (/[0-3]/.test(letter) && !octal) return 'unable to unescape octal sequence in string';
  const digits = octal ? escape.slice(1) : escape.slice(2);
  const wanted = octal ? 3 : DIGITS[letter];
  const codePoints = letter === 'u' || letter === 'U';
  if (wanted === undefined || digits.length !== wanted || (isBytes && codePoints)) return 'unable to unescape string';
  if (!octal && !/^[0-9a-fA-F]+$/.test(digits)) return 'unable to unescape string';
  const value = Number.parseInt(digits, octal ? 8 : 16);
  if (isBytes) return Buffer.of(value & 0xff);
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 'invalid unicode code point';
  return Buffer.from(String.fromCodePoint(value));
}
