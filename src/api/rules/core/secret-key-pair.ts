import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { pemBlocks } from '../certificates/pem.ts';

/**
 * Why a certificate and a private key, each PEM in base64, cannot serve TLS, in the words of Go's tls.X509KeyPair;
 * undefined when they can.
 */
export function keyPairFault(certificate: string, privateKey: string): string | undefined {
  const blocks = pemBlocks(certificate);
  const first = blocks.find(({ type }) => type === 'CERTIFICATE');
  if (!first) return noCertificate(blocks.map(({ type }) => type));
  const keys = pemBlocks(privateKey);
  const key = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  if (!key) return noPrivateKey(keys.map(({ type }) => type));
  const parsed = parseCertificate(first.der);
  if (!parsed) return 'x509: malformed certificate';
  const parsedKey = parsePrivateKey(key.der);
  if (!parsedKey) return 'tls: failed to parse private key';
  return mismatch(parsed.publicKey, parsedKey);
}

function noCertificate(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (types.length === 1 && types[0]!.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function noPrivateKey(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in key input';
  if (types.length === 1 && types[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function parseCertificate(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** A key in any of the three encodings that Go tries, whatever the block calls itself. */
function parsePrivateKey(der: Buffer): KeyObject | undefined {
  for (const type of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type });
    } catch {
      // The next encoding may fit.
    }
  }
  return undefined;
}

function mismatch(publicKey: KeyObject, privateKey: KeyObject): string | undefined {
  if (publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type';
  }
  return createPublicKey(privateKey).equals(publicKey) ? undefined : 'tls: private key does not match public key';
}
