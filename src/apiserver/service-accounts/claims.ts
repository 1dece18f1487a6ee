import { isJsonObject, type JsonValue } from 'nekube/apimachinery';

/** An object that a token names. */
export interface ClaimedObject {
  readonly name: string;
  readonly uid?: string;
}

/** The claims that are Kubernetes' own. */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: ClaimedObject;
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
  /** Seconds since the epoch after which whoever uses the token should have a new one. */
  readonly warnafter?: number;
}

/** The claims of a token of a service account. Times are seconds since the epoch. */
export interface TokenClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly 'kubernetes.io': KubernetesClaims;
  readonly nbf: number;
  readonly sub: string;
}

/** What stands in the first two parts of a JWT; undefined for a text that is none. Nothing is verified. */
export function peek(token: string): { readonly header: JsonHeader; readonly issuer: unknown } | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [header, payload] = parts.slice(0, 2).map(readPart);
  if (!isJsonObject(header as JsonValue) || !isJsonObject(payload as JsonValue)) return undefined;
  return { header: header as JsonHeader, issuer: (payload as { iss?: unknown }).iss };
}

/** The header of a JWT. */
export interface JsonHeader {
  readonly kid?: unknown;
}

function readPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The claims of a verified token, with those that are missing as if they were empty. */
export function readClaims(payload: Readonly<Record<string, unknown>>): TokenClaims {
  const { aud, exp, iat, iss, jti, nbf, sub } = payload;
  const own = objectOr(payload['kubernetes.io']);
  const node = claimed(own.node);
  const pod = claimed(own.pod);
  const secret = claimed(own.secret);
  return {
    aud: typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud.filter((a) => typeof a === 'string') : [],
    exp: numberOr(exp),
    iat: numberOr(iat),
    iss: textOr(iss),
    jti: textOr(jti),
    'kubernetes.io': {
      namespace: textOr(own.namespace),
      serviceaccount: claimed(own.serviceaccount) ?? { name: '' },
      ...(node && { node }),
      ...(pod && { pod }),
      ...(secret && { secret }),
      ...(typeof own.warnafter === 'number' && { warnafter: own.warnafter }),
    },
    nbf: numberOr(nbf),
    sub: textOr(sub),
  };
}

function claimed(value: unknown): ClaimedObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, uid } = value as { name?: unknown; uid?: unknown };
  return { name: textOr(name), ...(uid !== undefined && { uid: textOr(uid) }) };
}

function objectOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const numberOr = (value: unknown): number => (typeof value === 'number' ? value : 0);
const textOr = (value: unknown): string => (typeof value === 'string' ? value : '');
