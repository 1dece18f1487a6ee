/** Claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** A JSON Web Token, read and not believed yet. */
export interface Token {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly claims: Claims;
  /** What was signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Envoy's words for what is wrong with a token. */
export type TokenProblem = { readonly problem: string };

const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Reads a compact token; nothing of it is in what is said of a bad one. */
export function readToken(text: string): Token | TokenProblem {
  const [head, payload, signature, ...more] = text.split('.');
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) {
    return { problem: 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections' };
  }
  const header = readPart(head, 'header');
  if ('problem' in header) return header;
  const { alg, kid } = header.value;
  if (typeof alg !== 'string') return { problem: 'Jwt header [alg] field is required and must be a string' };
  if (kid !== undefined && typeof kid !== 'string') return { problem: 'Jwt header [kid] field is not a string' };
  const claims = readPart(payload, 'payload');
  if ('problem' in claims) return claims;
  if (!BASE64URL.test(signature)) return { problem: 'Jwt signature is an invalid Base64url encoded' };
  return {
    alg,
    kid,
    claims: claims.value,
    signed: Buffer.from(`${head}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function readPart(text: string, part: string): { readonly value: Claims } | TokenProblem {
  if (!BASE64URL.test(text)) return { problem: `Jwt ${part} is an invalid Base64url encoded` };
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: value as Claims };
  } catch {
    // said below: what the parser says would show the token
  }
  return { problem: `Jwt ${part} is an invalid JSON` };
}

/** A claim by its path, of which dots are the steps. */
export function claimOf(claims: Claims, path: string): unknown {
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Claims)[step];
  }
  return value;
}

/** The texts that a claim is: of a list each, and of `scope` each of its words. */
export function claimTexts(claims: Claims, path: string): readonly string[] {
  const value = claimOf(claims, path);
  if (typeof value === 'string') return path === 'scope' ? value.split(' ') : [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
