/**
 * Certificates and private keys: made, signed, read, and kept in files. ECDSA on P-256 throughout, of which a key takes
 * well below a millisecond.
 *
 * What it does not do: it trusts nothing (verifying chains is TLS' work), revokes nothing, and reads no clock.
 */
export {
  type CertificateRequest,
  type CertificateSubject,
  type CertifiedParts,
  issueCertificate,
  type Issuer,
  type KeyPair,
  newPrivateKey,
  signCertificate,
} from './certificate.ts';
export { type ParsedRequest, parseCertificateRequest } from './certificate-request.ts';
export { type ClientIdentity, parseClientCertificate } from './client-subject.ts';
export { bitString, octetString, oid, sequence, set, tagged, unsignedInteger, utf8String } from './der.ts';
export { keyPairStore, type KeyPairStore } from './key-files.ts';
export { type FrontProxyPki, loadOrCreatePki, type Pki, type PkiOptions } from './pki.ts';
export { type SigningCa, type SigningTerms, signRequest } from './sign-request.ts';
export { isKubeletClientRequest, isSigner, type SignerAnswer, type SignerRequest, signForSigner } from './signers.ts';
