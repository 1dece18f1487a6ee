import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type CertificateSubject, issueCertificate, type KeyPair, newPrivateKey } from './certificate.ts';
import { keyPairStore, type KeyPairStore } from './key-files.ts';

/** The certificates of one server. All texts are PEM. */
export interface Pki {
  /** The CA that signs the serving and all client certificates. */
  readonly caCert: string;
  readonly caKey: string;
  readonly servingCert: string;
  readonly servingKey: string;
  /** Signs service account tokens (ES256). */
  readonly serviceAccountKey: string;
  /** A new certificate and key for a user, valid for a year, held nowhere: the caller keeps it or it is lost. */
  issueClient(identity: { readonly user: string; readonly groups: readonly string[] }): KeyPair;
  /** The same for a server under these names: a node, say. */
  issueServing(server: Pick<PkiOptions, 'hosts' | 'ips'> & { readonly subject: CertificateSubject }): KeyPair;
  /** With what the server is a front proxy to others, who trust its CA in who makes a request; kept, and made when first asked for. */
  frontProxy(): FrontProxyPki;
}

/** A front proxy, and who signs for it. */
export interface FrontProxyPki {
  /** PEM: a CA that signs for nobody else. */
  readonly caCert: string;
  /** The common name of the client certificate. */
  readonly name: string;
  readonly client: KeyPair;
}

/** What the serving certificate must hold for, and the clock. */
export interface PkiOptions {
  /** DNS names under which clients reach the server. */
  readonly hosts: readonly string[];
  /** IP addresses, v4 or v6 without brackets. */
  readonly ips: readonly string[];
  readonly now: () => Date;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
/** A certificate is renewed at a start this close to its end. */
const RENEW_DAYS = 30;
/** Certificates begin a little in the past, for clients whose clocks are behind. */
const BACKDATE_MS = 5 * 60 * 1000;
const CA_SUBJECT: CertificateSubject = { commonName: 'nekube-ca' };
const FRONT_PROXY_CA: CertificateSubject = { commonName: 'nekube-front-proxy-ca' };
const FRONT_PROXY = 'front-proxy-client';

/**
 * Loads the certificates kept in `dir`, or makes them; without a directory they live in memory only.
 *
 * What is missing, within 30 days of its end, or (for the serving certificate) made for other names or by another
 * CA, is made anew; a new CA makes every certificate issued before worthless. Keys are written with mode 0600, each
 * file in one step. Takes a few milliseconds.
 *
 * @throws Error when the directory cannot be read or written, or a file in it is no PEM: nothing is replaced then.
 */
export function loadOrCreatePki(dir: string | undefined, options: PkiOptions): Pki {
  const store = keyPairStore(dir);
  const now = options.now();
  const ca = keptOr(
    store,
    'ca',
    (cert) => lasts(cert, now),
    () => newCa(now),
  );
  const serving = keptOr(
    store,
    'apiserver',
    (cert) => lasts(cert, now) && cert.verify(new X509Certificate(ca.cert).publicKey) && servesExactly(cert, options),
    () => newLeaf(ca, 'server', { commonName: 'kube-apiserver' }, now, options),
  );
  let frontProxy: FrontProxyPki | undefined;
  return {
    caCert: ca.cert,
    caKey: ca.key,
    servingCert: serving.cert,
    servingKey: serving.key,
    serviceAccountKey: keptKeyOr(store, 'sa', newPrivateKey),
    issueClient: ({ user, groups }) =>
      newLeaf(ca, 'client', { commonName: user, organizations: groups }, options.now()),
    issueServing: ({ subject, hosts, ips }) =>
      newLeaf(ca, 'server', subject, options.now(), { hosts, ips, now: options.now }),
    frontProxy: () => (frontProxy ??= frontProxyOf(store, options.now())),
  };
}

function frontProxyOf(store: KeyPairStore, now: Date): FrontProxyPki {
  const ca = keptOr(
    store,
    'front-proxy-ca',
    (cert) => lasts(cert, now),
    () => newCa(now, FRONT_PROXY_CA),
  );
  const client = keptOr(
    store,
    FRONT_PROXY,
    (cert) => lasts(cert, now) && cert.verify(new X509Certificate(ca.cert).publicKey),
    () => newLeaf(ca, 'client', { commonName: FRONT_PROXY }, now, undefined, FRONT_PROXY_CA),
  );
  return { caCert: ca.cert, name: FRONT_PROXY, client };
}

/** The stored pair if its halves belong together and it is still good, else a new one, which is stored. */
function keptOr(
  store: KeyPairStore,
  name: string,
  good: (cert: X509Certificate) => boolean,
  make: () => KeyPair,
): KeyPair {
  const kept = store.readPair(name);
  if (kept !== undefined) {
    const cert = new X509Certificate(kept.cert);
    if (cert.checkPrivateKey(createPrivateKey(kept.key)) && good(cert)) return kept;
  }
  const pair = make();
  store.writePair(name, pair);
  return pair;
}

function keptKeyOr(store: KeyPairStore, name: string, make: () => string): string {
  const kept = store.readKey(name);
  if (kept !== undefined) return kept;
  const key = make();
  store.writeKey(name, key);
  return key;
}

function lasts(cert: X509Certificate, now: Date): boolean {
  return new Date(cert.validFrom) <= now && new Date(cert.validTo).getTime() - now.getTime() > RENEW_DAYS * DAY_MS;
}

/** True when the certificate names what is asked for and nothing else. */
function servesExactly(cert: X509Certificate, names: PkiOptions): boolean {
  const listed = (cert.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  const wanted = [...names.hosts, ...names.ips];
  return (
    listed.length === wanted.length &&
    wanted.every((name) => (isIP(name) ? cert.checkIP(name) !== undefined : listed.includes(name)))
  );
}

function newCa(now: Date, subject = CA_SUBJECT): KeyPair {
  return issueCertificate({ subject, use: 'ca', ...validity(now, CA_DAYS) });
}

function newLeaf(
  ca: KeyPair,
  use: 'server' | 'client',
  subject: CertificateSubject,
  now: Date,
  names?: PkiOptions,
  issuer = CA_SUBJECT,
): KeyPair {
  const request = { subject, use, ...validity(now, LEAF_DAYS), ...(names && { names }) };
  return issueCertificate(request, { subject: issuer, key: ca.key });
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - BACKDATE_MS), notAfter: new Date(now.getTime() + days * DAY_MS) };
}
