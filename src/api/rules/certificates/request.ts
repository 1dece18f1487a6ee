import { createPublicKey, verify } from 'node:crypto';

/** How requests are signed: the hash that is signed (none for Ed25519), and what is said of a wrong signature. */
interface Signature {
  readonly hash: string | undefined;
  readonly fault: string;
}

const rsa = 'crypto/rsa: verification error';
const ecdsa = 'x509: ECDSA verification failure';

/** Signature algorithms by the hexadecimal DER of their object identifiers. */
const signatures: Readonly<Record<string, Signature>> = {
  '2a864886f70d01010b': { hash: 'sha256', fault: rsa },
  '2a864886f70d01010c': { hash: 'sha384', fault: rsa },
  '2a864886f70d01010d': { hash: 'sha512', fault: rsa },
  '2a864886f70d010105': { hash: 'sha1', fault: rsa },
  '2a8648ce3d040302': { hash: 'sha256', fault: ecdsa },
  '2a8648ce3d040303': { hash: 'sha384', fault: ecdsa },
  '2a8648ce3d040304': { hash: 'sha512', fault: ecdsa },
  '2b6570': { hash: undefined, fault: 'x509: Ed25519 verification failure' },
};

const sequence = 0x30;

/** What is wrong with a DER-encoded certificate signing request (RFC 2986); undefined when its signature holds. */
export function signedRequestFault(der: Buffer): string | undefined {
  const request = readValue(der, 0);
  if (!request || request.tag !== sequence) return 'asn1: structure error: tags do not match';
  if (request.end !== der.length) return 'asn1: syntax error: trailing data';
  const [info, algorithm, signature] = readAll(request.content);
  const [, , key] = info ? readAll(info.content) : [];
  const [identifier] = algorithm ? readAll(algorithm.content) : [];
  if (!info || !key || !identifier || !signature) return 'asn1: structure error: sequence truncated';
  const known = signatures[identifier.content.toString('hex')];
  if (!known) return 'x509: cannot verify signature: algorithm unimplemented';
  return holds(known, info.whole, key.whole, signature.content.subarray(1)) ? undefined : known.fault;
}

function holds({ hash }: Signature, signed: Buffer, spki: Buffer, signature: Buffer): boolean {
  try {
    return verify(hash, signed, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
  } catch {
    return false;
  }
}

/** One value of DER: `whole` with its header, `end` where the next one begins. */
interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
  readonly end: number;
}

function readAll(der: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < der.length; ) {
    const value = readValue(der, at);
    if (!value) return values;
    values.push(value);
    at = value.end;
  }
  return values;
}

/** Undefined when the value is cut off. */
function readValue(der: Buffer, at: number): DerValue | undefined {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || at + 2 + lengthBytes > der.length) return undefined;
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  const end = start + length;
  if (first === 0x80 || end > der.length) return undefined;
  return { tag, content: der.subarray(start, end), whole: der.subarray(at, end), end };
}
