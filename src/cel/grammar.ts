import type { Token, TokenKind } from './lexer.ts';

/** The tokens that begin an expression, in the order in which messages name them; so too the other sets. */
export const PRIMARY = [
  '[',
  '{',
  '(',
  '.',
  '-',
  '!',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
] as const;
/** The order of all tokens in messages. */
const RANK: readonly string[] = [
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
  ...PRIMARY.slice(6),
  'ESC_IDENTIFIER',
];

/** The operators, weakest first, but for those of logic. */
export const RELATIONS: ReadonlySet<TokenKind> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in']);
/** Signs of sums. */
export const SUMS: ReadonlySet<TokenKind> = new Set(['+', '-']);
/** Signs of products. */
export const PRODUCTS: ReadonlySet<TokenKind> = new Set(['*', '/', '%']);

/** What may stand after an operand, wherever it is. */
export const OPERATORS: ReadonlySet<TokenKind> = new Set([
  ...RELATIONS,
  ...SUMS,
  ...PRODUCTS,
  '&&',
  '||',
  '?',
  '.',
  '[',
]);

/** Selections. */
export const SELECTORS: readonly TokenKind[] = ['.', '['];
/** What else may follow an operand. */
export const SIGNS_AFTER: readonly TokenKind[] = [...OPERATORS].filter((kind) => !SELECTORS.includes(kind));

/** Words that are literals, and no names. */
export const LITERAL_WORDS: readonly TokenKind[] = ['true', 'false', 'null'];

/** Literals as they stand, without a sign. */
export const LITERALS: ReadonlySet<TokenKind> = new Set([
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
]);

/** Whether an operand may begin with it. */
export function startsExpression(token: Token): boolean {
  return (PRIMARY as readonly string[]).includes(token.kind);
}

/** `{'[', ']', IDENTIFIER}`, or the one token alone. */
export function setOf(kinds: readonly string[]): string {
  const shown = [...kinds].sort((a, b) => RANK.indexOf(a) - RANK.indexOf(b)).map(quoted);
  return shown.length === 1 ? shown[0]! : `{${shown.join(', ')}}`;
}

function quoted(kind: string): string {
  return /^[A-Z<]/.test(kind) ? kind : `'${kind}'`;
}
