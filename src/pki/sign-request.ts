import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { ParsedRequest } from './certificate-request.ts';
import { critical, extension, signCertificate } from './certificate.ts';
import { bitString, oid, readAll, readOid, sequence, tagged } from './der.ts';

/** How long a certificate begins before it is made, for clocks that are behind. */
const BACKDATE_MS = 5 * 60 * 1000;
/** Certificates that live shorter are not shortened by that. */
const SHORT_MS = 8 * 60 * 60 * 1000;

/** Who signs: a CA's certificate and key, PEM. */
export interface SigningCa {
  readonly cert: string;
  readonly key: string;
}

/** What is certified of a request. */
export interface SigningTerms {
  /** As certificates.k8s.io names them; those that it does not know are an error. */
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
  readonly now: Date;
}

/** Places of the bits, as RFC 5280 4.2.1.3 counts them. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
};

/** In the order in which they stand in a certificate. */
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

/**
 * A certificate (PEM) for the subject, key and alternative names of a request; it ends with the CA at the latest.
 *
 * @throws Error for a usage that is not known, and for a CA that has ended
 */
export function signRequest(request: ParsedRequest, ca: SigningCa, { usages, lifetimeMs, now }: SigningTerms): string {
  const issuer = new X509Certificate(ca.cert);
  const caEnd = new Date(issuer.validTo);
  if (caEnd <= now)
    throw new Error(`refusing to sign a certificate that expired in the past: NotAfter=${issuer.validTo}`);
  const lifetime = lifetimeMs < SHORT_MS ? lifetimeMs : lifetimeMs - BACKDATE_MS;
  const notAfter = new Date(Math.min(now.getTime() + lifetime, caEnd.getTime()));
  const unknown = usages.filter((usage) => !(usage in KEY_USAGES) && !(usage in EXTENDED_KEY_USAGES));
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${unknown.join(', ')}`);
  const parts = certificateParts(issuer.raw);
  const parent = parts.keyId ?? createHash('sha1').update(keyBits(parts.spki)).digest();
  const extensions = [
    ...keyUsage(usages),
    ...extendedKeyUsage(usages),
    critical('2.5.29.19', sequence()),
    extension('2.5.29.35', sequence(tagged(0x80, parent))),
    ...(request.alternativeNames ? [extension('2.5.29.17', request.alternativeNames)] : []),
  ];
  const { subject, spki } = request;
  const notBefore = new Date(now.getTime() - BACKDATE_MS);
  return signCertificate(
    { subject, spki, notBefore, notAfter, extensions },
    { subject: parts.subject, key: createPrivateKey(ca.key) },
  );
}

function keyUsage(usages: readonly string[]): Buffer[] {
  const bits = usages.flatMap((usage) => (usage in KEY_USAGES ? [KEY_USAGES[usage]!] : []));
  if (bits.length === 0) return [];
  const last = Math.max(...bits);
  const bytes = Buffer.alloc(last > 7 ? 2 : 1);
  for (const bit of bits) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  return [critical('2.5.29.15', bitString(bytes, 7 - (last & 7)))];
}

function extendedKeyUsage(usages: readonly string[]): Buffer[] {
  const ids = Object.entries(EXTENDED_KEY_USAGES).filter(([usage]) => usages.includes(usage));
  if (ids.length === 0) return [];
  return [extension('2.5.29.37', sequence(...[...new Set(ids.map(([, id]) => id))].map(oid)))];
}

/** DER of what is needed of the CA's certificate. */
function certificateParts(der: Uint8Array): {
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly keyId?: Buffer;
} {
  const fields = readAll(readAll(readAll(der)[0]!.content)[0]!.content);
  const [, , , , subject, spki] = fields[0]!.tag === 0xa0 ? fields.slice(1) : fields;
  if (subject === undefined || spki === undefined) throw new Error('the certificate of the CA is incomplete');
  const keyId = fields
    .filter(({ tag }) => tag === 0xa3)
    .flatMap((explicit) => readAll(readAll(explicit.content)[0]!.content))
    .map((one) => readAll(one.content))
    .find(([id]) => id !== undefined && readOid(id.content) === '2.5.29.14')
    ?.at(-1);
  const inner = keyId && readAll(keyId.content)[0]?.content;
  return { subject: sequence(subject.content), spki: sequence(spki.content), ...(inner && { keyId: inner }) };
}

/** The bits of the key itself, whose SHA-1 names it where the certificate does not (RFC 5280 4.2.1.2). */
function keyBits(spki: Buffer): Buffer {
  return readAll(readAll(spki)[0]!.content)[1]!.content.subarray(1);
}
