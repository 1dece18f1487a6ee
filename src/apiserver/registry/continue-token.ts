import { errorText, goQuote, newBadRequest, parseJson } from 'nekube/apimachinery';

/** Where a list goes on: after which key (below the prefix of the list), as of which revision. */
export interface ContinueToken {
  readonly revision: number;
  /** The last key that was given, without the prefix. */
  readonly after: string;
}

/** The opaque text of a token, in kube-apiserver's form: URL-safe base64 of JSON, the start key being exclusive + NUL. */
export function encodeContinue(token: ContinueToken): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.after}\0` });
  return Buffer.from(text).toString('base64url');
}

/** @throws StatusError BadRequest with kube-apiserver's words */
export function decodeContinue(text: string): ContinueToken {
  try {
    return parseToken(text);
  } catch (error) {
    throw newBadRequest(`invalid continue token: ${errorText(error)}`);
  }
}

function parseToken(text: string): ContinueToken {
  const bad = /[^A-Za-z0-9_-]/.exec(text);
  if (bad) throw new Error(`continue key is not valid: illegal base64 data at input byte ${bad.index}`);
  if (text.length % 4 === 1)
    throw new Error(`continue key is not valid: illegal base64 data at input byte ${text.length - 1}`);
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    const bytes = Buffer.from(text, 'base64url');
    // Go names the bad byte, not the character that it begins
    if (bytes[0]! >= 0x80)
      throw new Error(
        `invalid character '${goQuote(String.fromCharCode(bytes[0]!)).slice(1, -1)}' looking for beginning of value`,
      );
    value = parseJson(bytes) as typeof value;
  } catch (error) {
    throw new Error(`continue key is not valid: ${errorText(error)}`);
  }
  const { v, rv, start } = value ?? {};
  if (v !== 'meta.k8s.io/v1')
    throw new Error(
      'continue key is not valid: server does not recognize this encoded version "' + String(v ?? '') + '"',
    );
  if (rv === 0 || typeof rv !== 'number')
    throw new Error('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    throw new Error('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  if (start.split('/').includes('..')) throw new Error('continue key is not valid: invalid start key');
  return { revision: rv, after: before(start) };
}

/** A key that all from `start` on come after, and none before it does: `a` for `a` + NUL, which our own tokens have. */
function before(start: string): string {
  const last = start.charCodeAt(start.length - 1);
  return start.slice(0, -1) + (last === 0 ? '' : `${String.fromCharCode(last - 1)}\uffff`);
}
