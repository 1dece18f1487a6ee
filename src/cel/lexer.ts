import type { Issues } from './issue.ts';

/** What a token is: itself for signs and words of the language, else the class that messages name. */
export type TokenKind =
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'NUM_FLOAT'
  | 'STRING'
  | 'BYTES'
  | '<EOF>'
  | Sign;

type Sign = (typeof SIGNS)[number];

/** The longest first, so that the first that fits is the right one. */
const SIGNS = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  '+',
  '*',
  '/',
  '%',
  'in',
  'true',
  'false',
  'null',
] as const;

const WORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const PUNCTUATION = SIGNS.filter((sign) => !WORDS.has(sign));

/** A token with its place. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[0-3][0-7]{2}|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
/** An escape as far as it could become one. */
const HALF_ESCAPE = String.raw`(?:\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?)?`;
const QUOTED = [
  String.raw`[rR]"""[^]*?"""`,
  String.raw`[rR]'''[^]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join('|');

/** Tried in this order; of two that fit the longer one counts, and these cannot fit at once but for the numbers. */
const CLASSES: readonly (readonly [TokenKind, RegExp])[] = [
  ['NUM_FLOAT', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['NUM_INT', /0x[0-9a-fA-F]+|\d+/y],
  ['BYTES', new RegExp(`[bB](?:${QUOTED})`, 'y')],
  ['STRING', new RegExp(QUOTED, 'y')],
  ['ESC_IDENTIFIER', /`[a-zA-Z0-9_\-./ ]+`/y],
];
const BLANK = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const IDENTIFIER = /[a-zA-Z_][a-zA-Z0-9_]*/y;

/** The tokens of a source, ended by `<EOF>`, and the places of characters that belong to none: they are reported. */
export interface Tokens {
  readonly tokens: readonly Token[];
  readonly skipped: readonly (readonly [from: number, to: number])[];
}

/** Divides a source into tokens. */
export function tokenize(source: string, issues: Issues): Tokens {
  const tokens: Token[] = [];
  const skipped: [number, number][] = [];
  let at = 0;
  while (at < source.length) {
    const blank = match(BLANK, source, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const token = tokenAt(source, at);
    if (token === undefined) {
      const end = passOver(source, at, issues);
      skipped.push([at, end]);
      at = end;
      continue;
    }
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', at: source.length });
  return { tokens, skipped };
}

function tokenAt(source: string, at: number): Token | undefined {
  for (const [kind, pattern] of CLASSES) {
    const text = match(pattern, source, at);
    if (text !== undefined) return { kind, text, at };
  }
  const word = match(IDENTIFIER, source, at);
  if (word !== undefined) return { kind: WORDS.has(word) ? (word as TokenKind) : 'IDENTIFIER', text: word, at };
  const sign = PUNCTUATION.find((candidate) => source.startsWith(candidate, at));
  return sign && { kind: sign, text: sign, at };
}

/** What cannot begin a token is told up to the character at which that is certain, and passed over. */
function passOver(source: string, at: number, issues: Issues): number {
  const begun = match(BEGUN, source, at) ?? '';
  const end = at + begun.length;
  const failed = end < source.length ? String.fromCodePoint(source.codePointAt(end)!) : '';
  const text = begun + failed;
  issues.report(at, `Syntax error: token recognition error at: '${text}'`);
  return at + text.length;
}

/** Half an operator, and quotations up to where they break off. */
const BEGUN = new RegExp(
  String.raw`[&|=]|\x60[a-zA-Z0-9_\-./ ]*|[rRbB]{0,2}(?:"(?:${ESCAPE}|[^\\"\n\r])*|'(?:${ESCAPE}|[^\\'\n\r])*)${HALF_ESCAPE}`,
  'y',
);

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
