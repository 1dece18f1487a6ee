import { type DerNode, readAll, readOid } from './der.ts';

/** Who a client certificate says its bearer is. */
export interface ClientIdentity {
  /** The common name; never empty. */
  readonly user: string;
  /** The organizations, in the certificate's order. */
  readonly groups: readonly string[];
  /** The attribute 1.3.6.1.4.1.57683.2, where there is one; empty if there are several, since that is no uid. */
  readonly uid?: string;
}

/** The attribute that users stand in. */
export const COMMON_NAME = '2.5.4.3';
/** The attribute that groups stand in. */
export const ORGANIZATION = '2.5.4.10';
const UID = '1.3.6.1.4.1.57683.2';

/**
 * The user and groups in the subject of a certificate (DER), as kube-apiserver's x509 authenticator reads them: the
 * last common name, and every organization. Undefined without a common name, and for what is not a certificate.
 *
 * It only reads: that the certificate is signed by the right CA and is not expired is for TLS to verify.
 */
export function parseClientCertificate(der: Uint8Array): ClientIdentity | undefined {
  try {
    return identityOf(readAttributes(subjectOf(der)));
  } catch (e) {
    if (e instanceof RangeError) return undefined;
    throw e;
  }
}

/** The content of TBSCertificate.subject: the fifth field, after a version that may be absent. */
function subjectOf(der: Uint8Array): Buffer {
  const body = inside(inside(readAll(der)[0])[0]);
  const fields = body[0]?.tag === 0xa0 ? body.slice(1) : body;
  const subject = fields[4];
  if (subject === undefined) throw new RangeError('certificate has no subject');
  return subject.content;
}

function inside(node: DerNode | undefined): DerNode[] {
  if (node === undefined) throw new RangeError('certificate is incomplete');
  return readAll(node.content);
}

/** The attributes of all relative names; a relative name may hold several. @throws RangeError if they are cut off */
export function readAttributes(subject: Buffer): Array<{ type: string; value: string }> {
  return readAll(subject)
    .flatMap((relative) => inside(relative))
    .map((attribute) => {
      const [type, value] = inside(attribute);
      if (type === undefined || value === undefined) throw new RangeError('name attribute is incomplete');
      return { type: readOid(type.content), value: readText(value) };
    });
}

function readText(node: DerNode): string {
  const bmpString = 0x1e;
  const teletexString = 0x14;
  if (node.tag === bmpString) return Buffer.from(node.content).swap16().toString('utf16le');
  return node.content.toString(node.tag === teletexString ? 'latin1' : 'utf8');
}

function identityOf(attributes: ReadonlyArray<{ type: string; value: string }>): ClientIdentity | undefined {
  const valuesOf = (type: string): string[] => attributes.filter((a) => a.type === type).map((a) => a.value);
  const user = valuesOf(COMMON_NAME).at(-1);
  if (user === undefined || user === '') return undefined;
  const uids = valuesOf(UID);
  const uid = uids.length > 1 ? '' : uids[0];
  return { user, groups: valuesOf(ORGANIZATION), ...(uid !== undefined && { uid }) };
}
