import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  bitString,
  booleanTrue,
  octetString,
  oid,
  sequence,
  set,
  tagged,
  time,
  unsignedInteger,
  utf8String,
} from './der.ts';

/** A certificate and its private key, both PEM; the key is PKCS #8, ECDSA on P-256. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A name in a certificate, as Kubernetes reads it: the user is the common name, the groups are organizations. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** What to certify. Times are cut to whole seconds. */
export interface CertificateRequest {
  readonly subject: CertificateSubject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What the key may be used for; `ca` signs certificates and nothing else. */
  readonly use: 'ca' | 'server' | 'client';
  /** DNS names and IP addresses under which a server is reached; none for the other uses. */
  readonly names?: { readonly hosts: readonly string[]; readonly ips: readonly string[] };
}

/** Who signs: the subject and the private key of a CA, PEM. */
export interface Issuer {
  readonly subject: CertificateSubject;
  readonly key: string;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const NULL = Buffer.from([0x05, 0x00]);

/** A new ECDSA P-256 private key, PKCS #8 PEM; takes well below a millisecond. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

let lastSigner: { readonly pem: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;

/** The keys of a signer, who mostly is that of before: reading them takes longer than signing. */
function keysOf(pem: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (lastSigner?.pem !== pem) {
    const privateKey = createPrivateKey(pem);
    lastSigner = { pem, privateKey, publicKey: createPublicKey(privateKey) };
  }
  return lastSigner;
}

/** Makes a key and certifies it (X.509 v3, RFC 5280); without an issuer the certificate signs itself. */
export function issueCertificate(request: CertificateRequest, issuer?: Issuer): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const signer = issuer ?? { subject: request.subject, key };
  const signing = issuer === undefined ? { privateKey, publicKey } : keysOf(issuer.key);
  const certified = {
    subject: nameOf(request.subject),
    spki: spki(publicKey),
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    extensions: extensions(request, publicKey, signing.publicKey),
  };
  return { cert: signCertificate(certified, { subject: nameOf(signer.subject), key: signing.privateKey }), key };
}

/** What a certificate says; all parts are DER. */
export interface CertifiedParts {
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Uint8Array[];
}

/** A certificate of these parts, signed, as PEM. The issuer's key is RSA, or ECDSA, on which curve ever. */
export function signCertificate(
  parts: CertifiedParts,
  issuer: { readonly subject: Uint8Array; readonly key: KeyObject },
): string {
  const algorithm =
    issuer.key.asymmetricKeyType === 'rsa'
      ? sequence(oid(OID.rsaWithSha256), NULL)
      : sequence(oid(OID.ecdsaWithSha256));
  const body = sequence(
    tagged(0xa0, unsignedInteger(Buffer.from([2]))), // version 3 counts from zero
    unsignedInteger(newSerial()),
    algorithm,
    issuer.subject,
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parts.subject,
    parts.spki,
    tagged(0xa3, sequence(...parts.extensions)),
  );
  return pem(sequence(body, algorithm, bitString(sign('sha256', body, issuer.key))));
}

/** 16 random bytes, positive and never zero, as RFC 5280 4.1.2.2 asks for. */
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

function nameOf(subject: CertificateSubject): Buffer {
  const organizations = (subject.organizations ?? []).map((o) => attribute(OID.organization, o));
  return sequence(...organizations, attribute(OID.commonName, subject.commonName));
}

function attribute(type: string, value: string): Buffer {
  return set(sequence(oid(type), utf8String(value)));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** The last 65 bytes of a P-256 SPKI are the public point, whose SHA-1 names the key (RFC 5280 4.2.1.2). */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key).subarray(-65)).digest();
}

function extensions(request: CertificateRequest, subjectKey: KeyObject, issuerKey: KeyObject): Buffer[] {
  const ids = [
    extension(OID.subjectKeyId, octetString(keyId(subjectKey))),
    extension(OID.authorityKeyId, sequence(tagged(0x80, keyId(issuerKey)))),
  ];
  if (request.use === 'ca') {
    // keyCertSign and cRLSign; digitalSignature is not a CA's business
    return [
      critical(OID.basicConstraints, sequence(booleanTrue())),
      critical(OID.keyUsage, bitString(Buffer.from([0x06]), 1)),
      ...ids,
    ];
  }
  const purpose = request.use === 'server' ? OID.serverAuth : OID.clientAuth;
  const leaf = [
    critical(OID.basicConstraints, sequence()),
    critical(OID.keyUsage, bitString(Buffer.from([0x80]), 7)),
    extension(OID.extendedKeyUsage, sequence(oid(purpose))),
    ...ids,
  ];
  return request.names === undefined ? leaf : [...leaf, extension(OID.subjectAltName, alternativeNames(request.names))];
}

/** An extension that may be passed over by who does not know it. */
export function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), octetString(value));
}

/** An extension that must not be. */
export function critical(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), booleanTrue(), octetString(value));
}

function alternativeNames(names: { readonly hosts: readonly string[]; readonly ips: readonly string[] }): Buffer {
  return sequence(
    ...names.hosts.map((host) => tagged(0x82, Buffer.from(host, 'latin1'))),
    ...names.ips.map((ip) => tagged(0x87, ipBytes(ip))),
  );
}

/** 4 bytes of an IPv4 or 16 of an IPv6 address. */
function ipBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split('.').map(Number));
  // the URL parser writes the dotted tail of a mapped address in hex and lower-cases the rest
  const text = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = new Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
