import { X509Certificate } from 'node:crypto';
import { goQuote } from 'nekube/apimachinery';
import { signedRequestFault } from './request.ts';

/** A block of a PEM file. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly der: Buffer;
}

/** What is wrong with a PEM-encoded certificate signing request (itself in base64); undefined when nothing is. */
export function requestFault(base64: string): string | undefined {
  const [block] = pemBlocks(base64);
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  return signedRequestFault(block.der);
}

/** What is wrong with PEM-encoded certificates (themselves in base64); undefined when nothing is or there are none. */
export function certificateFault(base64: string): string | undefined {
  if (base64 === '') return undefined;
  const blocks = pemBlocks(base64);
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const { type, hasHeaders, der } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (der.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    if (!isCertificate(der)) return 'x509: malformed certificate';
  }
  return undefined;
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length === der.length;
  } catch {
    return false;
  }
}

/** The well-formed blocks of a file, as Go's encoding/pem finds them: what is between them is passed over. */
export function pemBlocks(base64: string): PemBlock[] {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  const pattern = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n([^]*?)(?:^|\n)?-----END \1-----[ \t\r]*(?=\n|$)/g;
  return [...text.matchAll(pattern)].flatMap(([, type, body]) => {
    const lines = body!.split('\n').map((line) => line.trim());
    const headers = lines.findIndex((line) => line !== '' && !line.includes(':'));
    const content = lines.slice(headers < 0 ? lines.length : headers).join('');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(content)) return [];
    return [{ type: type!, hasHeaders: headers > 0 && lines[0] !== '', der: Buffer.from(content, 'base64') }];
  });
}
