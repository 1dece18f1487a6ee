import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type CertificateSubject, issueCertificate, type KeyPair } from 'nekube/pki';

/** The certificates of a webhook server, as its replicas share them. All texts are PEM. */
export interface CertificateState {
  /** The CA that signs. */
  readonly ca: KeyPair;
  /** The CA that will sign once everybody trusts it. */
  readonly next?: KeyPair;
  /** The CA that signed before, while certificates of it may still be in use. */
  readonly former?: string;
  /** What servers show. */
  readonly leaf: KeyPair;
}

/** What certificates are to be like. */
export interface CertificateTerms {
  /** What servers are reached by. */
  readonly hosts: readonly string[];
  readonly ips: readonly string[];
  readonly caLifetimeMs: number;
  readonly lifetimeMs: number;
  /** So long it takes until all who trust, or show, something know of a change. */
  readonly settleMs: number;
}

/** What is to be from now on. */
export interface CertificatePlan {
  readonly state: CertificateState;
  /** Why the state differs from the one before; absent if it does not. */
  readonly change?: 'made' | 'a new CA is announced' | 'the new CA signs' | 'the former CA is dropped' | 'renewed';
}

/** Certificates begin a little in the past, for clocks that are behind. */
const BACKDATE_MS = 5 * 60 * 1000;

/**
 * The next step of a rotation, one at a time. A CA, and a certificate, are replaced after two thirds of their life. No
 * connection fails on the way: a new CA is trusted beside the old one before it signs anything, and the old one is trusted
 * until nobody shows what it signed.
 *
 * @param trusted whether all who verify the servers know of all CAs of the state
 */
export function planCertificates(
  state: CertificateState | undefined,
  terms: CertificateTerms,
  now: Date,
  trusted: boolean,
): CertificatePlan {
  if (state === undefined || !isUsable(state, now)) {
    const ca = newCa(terms, now);
    return { state: { ca, leaf: newLeaf(ca, terms, now) }, change: 'made' };
  }
  const { ca, next, former, leaf } = state;
  if (next !== undefined && trusted && now.getTime() >= madeAt(next) + terms.settleMs) {
    return { state: { ca: next, former: ca.cert, leaf: newLeaf(next, terms, now) }, change: 'the new CA signs' };
  }
  if (next === undefined && former === undefined && isDue(ca.cert, now)) {
    return { state: { ...state, next: newCa(terms, now) }, change: 'a new CA is announced' };
  }
  if (isDue(leaf.cert, now) || !isSignedBy(leaf.cert, ca.cert) || !namesExactly(leaf.cert, terms)) {
    return { state: { ...state, leaf: newLeaf(ca, terms, now) }, change: 'renewed' };
  }
  if (former !== undefined && now.getTime() >= madeAt(leaf) + terms.settleMs) {
    return { state: { ca, leaf, ...(next && { next }) }, change: 'the former CA is dropped' };
  }
  return { state };
}

/** All that is to be trusted, the CA that signs first. */
export function bundleOf({ ca, next, former }: CertificateState): string {
  return [ca.cert, next?.cert, former]
    .filter((cert) => cert !== undefined)
    .map((cert) => `${cert.trim()}\n`)
    .join('');
}

/** Whether the parts belong together and the CA has not ended. */
function isUsable({ ca, next, leaf, former }: CertificateState, now: Date): boolean {
  try {
    const pairs = [ca, leaf, ...(next ? [next] : [])];
    if (former !== undefined) new X509Certificate(former);
    return (
      pairs.every(({ cert, key }) => new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) &&
      now < new Date(new X509Certificate(ca.cert).validTo)
    );
  } catch {
    return false;
  }
}

/** Two thirds of its life are over, or it has not begun. */
function isDue(cert: string, now: Date): boolean {
  const { validFrom, validTo } = new X509Certificate(cert);
  const [from, to] = [Date.parse(validFrom) + BACKDATE_MS, Date.parse(validTo)];
  return now.getTime() >= from + ((to - from) * 2) / 3 || now.getTime() < Date.parse(validFrom);
}

function madeAt({ cert }: KeyPair): number {
  return Date.parse(new X509Certificate(cert).validFrom) + BACKDATE_MS;
}

function isSignedBy(cert: string, ca: string): boolean {
  return new X509Certificate(cert).verify(new X509Certificate(ca).publicKey);
}

function namesExactly(cert: string, { hosts, ips }: CertificateTerms): boolean {
  const listed = (new X509Certificate(cert).subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
    .filter((entry) => entry !== '');
  const wanted = [...hosts, ...ips];
  const certificate = new X509Certificate(cert);
  return (
    listed.length === wanted.length &&
    wanted.every((name) => (isIP(name) ? certificate.checkIP(name) !== undefined : listed.includes(name)))
  );
}

/** Each CA has a name of its own, so that a chain cannot be built with the wrong one. */
function newCa({ caLifetimeMs }: CertificateTerms, now: Date): KeyPair {
  const subject: CertificateSubject = { commonName: `webhook-ca@${Math.floor(now.getTime() / 1000)}` };
  return issueCertificate({ subject, use: 'ca', ...validity(now, now.getTime() + caLifetimeMs) });
}

function newLeaf(ca: KeyPair, { hosts, ips, lifetimeMs }: CertificateTerms, now: Date): KeyPair {
  const issuer = new X509Certificate(ca.cert);
  const end = Math.min(now.getTime() + lifetimeMs, Date.parse(issuer.validTo));
  const subject = { commonName: hosts[0] ?? ips[0] ?? 'webhooks' };
  const commonName = issuer.subject.replace(/^CN=/, '');
  const request = { subject, use: 'server' as const, names: { hosts, ips }, ...validity(now, end) };
  return issueCertificate(request, { subject: { commonName }, key: ca.key });
}

function validity(now: Date, end: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - BACKDATE_MS), notAfter: new Date(end) };
}
