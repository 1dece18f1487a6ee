import { type DerNode, readAll, readOid, sequence } from './der.ts';
import { COMMON_NAME, ORGANIZATION, readAttributes } from './client-subject.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';
const PEM = /-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END CERTIFICATE REQUEST-----/;

/** A certificate signing request (RFC 2986), as far as signers look at it. */
export interface ParsedRequest {
  /** DER of the subject and of the public key, to be certified as they are. */
  readonly subject: Buffer;
  readonly spki: Buffer;
  /** The last one; empty if there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** DER of the alternative names that are asked for. */
  readonly alternativeNames?: Buffer;
  /** How many of them there are of each sort. */
  readonly counts: { readonly dns: number; readonly ip: number; readonly email: number; readonly uri: number };
}

/**
 * Reads a request. That it is signed by its key has been checked when it was stored.
 *
 * @param request base64 of the request in PEM, as objects hold it
 * @returns undefined for what is none
 */
export function parseCertificateRequest(request: string): ParsedRequest | undefined {
  const pem = PEM.exec(Buffer.from(request, 'base64').toString('latin1'));
  if (pem === null) return undefined;
  try {
    return parsed(Buffer.from(pem[1]!, 'base64'));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function parsed(der: Buffer): ParsedRequest {
  const [info] = readAll(readAll(der)[0]!.content);
  const [, subject, spki, ...attributes] = readAll(info!.content);
  const names = readAttributes(subject!.content);
  const valuesOf = (type: string) => names.filter((name) => name.type === type).map(({ value }) => value);
  const alternativeNames = attributes.flatMap((set) => readAll(set.content)).flatMap(alternativeNamesIn)[0];
  const tags =
    alternativeNames === undefined ? [] : readAll(readAll(alternativeNames)[0]!.content).map(({ tag }) => tag);
  const count = (tag: number) => tags.filter((other) => other === tag).length;
  return {
    subject: sequence(subject!.content),
    spki: sequence(spki!.content),
    commonName: valuesOf(COMMON_NAME).at(-1) ?? '',
    organizations: valuesOf(ORGANIZATION),
    ...(alternativeNames && { alternativeNames }),
    counts: { dns: count(0x82), ip: count(0x87), email: count(0x81), uri: count(0x86) },
  };
}

/** The value of the extension for alternative names in an attribute, if it is the one that asks for extensions. */
function alternativeNamesIn(attribute: DerNode): Buffer[] {
  const [type, values] = readAll(attribute.content);
  if (type === undefined || readOid(type.content) !== EXTENSION_REQUEST) return [];
  return readAll(values!.content)
    .flatMap((extensions) => readAll(extensions.content))
    .map((extension) => readAll(extension.content))
    .filter(([id]) => id !== undefined && readOid(id.content) === SUBJECT_ALT_NAME)
    .map((parts) => parts.at(-1)!.content);
}
