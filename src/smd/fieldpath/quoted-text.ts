/** A quoted text, and where what follows it begins. */
export interface Quoted {
  readonly value: string;
  readonly end: number;
}

const single: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const digits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Reads a text in double quotes that begins at `at`, with the escapes of JSON and those that Go's `%q` writes.
 *
 * @returns What is wrong, where it is none.
 */
export function readQuoted(text: string, at: number): Quoted | string {
  let value = '';
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') return { value, end: i + 1 };
    if (c !== '\\') {
      value += c;
      continue;
    }
    const escape = text[++i] ?? '';
    const length = Object.hasOwn(digits, escape) ? digits[escape]! : 0;
    const character = length === 0 ? ownOf(single, escape) : characterOf(text.slice(i + 1, i + 1 + length), length);
    if (character === undefined) return `\\${escape} is no escape`;
    value += character;
    i += length;
  }
  return 'a quote is not closed';
}

function ownOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function characterOf(hex: string, length: number): string | undefined {
  const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === length ? Number.parseInt(hex, 16) : Number.NaN;
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
