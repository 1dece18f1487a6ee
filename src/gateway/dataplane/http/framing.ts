import { HttpSyntaxError } from './head-parser.ts';
import type { HeaderList } from './header-list.ts';

/** How long a body is: so many bytes, chunks that say it, or until the connection ends. */
export type Framing =
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'chunked' | 'until-close' };

const NO_BODY: Framing = { type: 'length', length: 0 };
const CHUNKED: Framing = { type: 'chunked' };
const UNTIL_CLOSE: Framing = { type: 'until-close' };

/**
 * How the body of a request is framed. Whatever two readers could understand in two ways is refused: both a length and chunks,
 * several lengths, codings that are not chunks alone, chunks of HTTP/1.0.
 *
 * @throws HttpSyntaxError
 */
export function requestFraming(headers: HeaderList, minor: 0 | 1): Framing {
  return declaredFraming(headers, minor) ?? NO_BODY;
}

/** How the body of an answer to `method` is framed. @throws HttpSyntaxError */
export function responseFraming(headers: HeaderList, minor: 0 | 1, method: string, status: number): Framing {
  const declared = declaredFraming(headers, minor);
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  return declared ?? UNTIL_CLOSE;
}

function declaredFraming(headers: HeaderList, minor: 0 | 1): Framing | undefined {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (coding === undefined) return length === undefined ? undefined : { type: 'length', length: parseLength(length) };
  if (length !== undefined) throw new HttpSyntaxError(400, 'a message has both a length and chunks');
  if (minor === 0) throw new HttpSyntaxError(400, 'HTTP/1.0 has no chunks');
  if (coding.toLowerCase() !== 'chunked') throw new HttpSyntaxError(501, 'only chunks are a coding that is taken');
  return CHUNKED;
}

function parseLength(text: string): number {
  const length = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw new HttpSyntaxError(400, 'the length of a body is no number');
  return length;
}
