import {
  constants,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { Token } from './token.ts';

/** A key that may have signed a token. */
interface Key {
  readonly kid: string | undefined;
  readonly alg: string | undefined;
  /** A secret, of HS algorithms alone. */
  readonly key: KeyObject | Buffer;
}

/** Keys of a JWKS. */
export type KeySet = readonly Key[];

const ALGORITHM = /^(?:(?:RS|PS|HS|ES)(?:256|384|512)|EdDSA)$/;
const CURVES: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Reads a JWKS; keys that are none of ours are left out, as in Envoy. Undefined: there is no key in it. */
export function readKeySet(text: string): KeySet | undefined {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (!Array.isArray(keys)) return undefined;
    const set = keys.flatMap((one) => readKey(one as JsonWebKey) ?? []);
    return set.length === 0 ? undefined : set;
  } catch {
    return undefined;
  }
}

function readKey(jwk: JsonWebKey): Key | undefined {
  try {
    const { kid, alg, kty, k } = jwk as Record<string, string | undefined>;
    const key = kty === 'oct' ? Buffer.from(k ?? '', 'base64url') : createPublicKey({ key: jwk, format: 'jwk' });
    return { kid, alg, key };
  } catch {
    return undefined;
  }
}

/** What is wrong with a token's signature, in Envoy's words; undefined: nothing. */
export function signatureProblem(token: Token, keys: KeySet): string | undefined {
  if (!ALGORITHM.test(token.alg)) return 'Jwt header [alg] is not supported';
  const named = keys.filter(({ kid, alg }) => (!kid || !token.kid || kid === token.kid) && (!alg || alg === token.alg));
  if (named.length === 0) return "Jwks doesn't have key to match kid or alg from Jwt";
  return named.some(({ key }) => hasSigned(key, token)) ? undefined : 'Jwt verification fails';
}

/** A key serves only the algorithms of its own type: a public key is never taken for a secret. */
function hasSigned(key: KeyObject | Buffer, { alg, signed, signature }: Token): boolean {
  const hash = `sha${alg.slice(2)}`;
  if (!(key instanceof KeyObject)) {
    if (!alg.startsWith('HS') || key.length === 0) return false;
    const own = createHmac(hash, key).update(signed).digest();
    return own.length === signature.length && timingSafeEqual(own, signature);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (alg === 'EdDSA') return (type === 'ed25519' || type === 'ed448') && verify(null, signed, key, signature);
  if (alg.startsWith('ES')) {
    if (type !== 'ec' || details?.namedCurve !== CURVES[alg]) return false;
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  }
  if (type !== 'rsa' || alg.startsWith('HS')) return false;
  if (alg.startsWith('RS')) return verify(hash, signed, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(hash, signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
}
