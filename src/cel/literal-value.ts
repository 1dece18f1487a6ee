import type { Token, TokenKind } from './lexer.ts';
import { unquote } from './literal.ts';
import { type CelValue, Uint } from './value.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** The value of a literal; `negative` where a minus stands before the number. */
export function literalValue({ kind, text }: Token, negative: boolean): { value: CelValue } | { error: string } {
  switch (kind) {
    case 'true':
    case 'false':
      return { value: kind === 'true' };
    case 'null':
      return { value: null };
    case 'NUM_INT': {
      const value = negative ? -BigInt(text) : BigInt(text);
      return value < MIN_INT || value > MAX_INT ? { error: 'invalid int literal' } : { value };
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1));
      return value > MAX_UINT ? { error: 'invalid uint literal' } : { value: new Uint(value) };
    }
    case 'NUM_FLOAT': {
      const value = Number(text);
      return Number.isFinite(value) ? { value: negative ? -value : value } : { error: 'invalid double literal' };
    }
    default:
      return quotedValue(kind, text);
  }
}

function quotedValue(kind: TokenKind, text: string): { value: CelValue } | { error: string } {
  const isBytes = kind === 'BYTES';
  const read = unquote(isBytes ? text.slice(1) : text, isBytes);
  if ('error' in read) return read;
  return { value: isBytes ? new Uint8Array(read.bytes) : read.bytes.toString() };
}
