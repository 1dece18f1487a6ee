import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** A key that tokens are verified with, and how it is named and used. */
export interface TokenKey {
  readonly publicKey: KeyObject;
  /** The SHA-256 of the key's DER, in base64url, as kube-apiserver names its keys. */
  readonly id: string;
  /** The algorithm of its signatures, as JWTs name it. */
  readonly algorithm: string;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/**
 * The keys in a PEM text: public or private keys, or certificates. Of private keys only the public half is kept.
 *
 * @throws Error if there is none, or one that tokens cannot be signed with
 */
export function tokenKeysOf(pem: string): TokenKey[] {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g) ?? [];
  const keys = blocks.filter((block) => !block.includes('BEGIN EC PARAMETERS'));
  if (keys.length === 0) throw new Error('it holds no key in PEM');
  return keys.map((block) => tokenKey(createPublicKey(block)));
}

/** A key with its name and algorithm. @throws Error if tokens cannot be signed with its kind */
export function tokenKey(publicKey: KeyObject): TokenKey {
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { publicKey, id, algorithm: algorithmOf(publicKey) };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  if (algorithm === undefined) throw new Error('it holds a key that is neither RSA nor ECDSA on P-256, P-384 or P-521');
  return algorithm;
}
