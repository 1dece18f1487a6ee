import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { parseClientCertificate } from 'nekube/pki';
import { header, type HttpRequest } from '../context.ts';
import { authenticated, type UserInfo } from '../user.ts';

/** A proxy in front of the server, which names users in headers: kube-apiserver's `--requestheader-…` flags. */
export interface FrontProxy {
  /** PEM of the CAs that sign its client certificates. */
  readonly ca: string;
  /** Common names that it may have; none for any. */
  readonly allowedNames: readonly string[];
  /** Of the headers of one sort the first that is there counts; of groups all. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** What client certificates are checked against. */
export interface ClientCertificateOptions {
  /** PEM texts of the CAs whose certificates name users. */
  readonly cas: readonly string[];
  readonly frontProxy?: FrontProxy;
}

/** What a connection's certificate is good for. */
interface Seen {
  /** Undefined for none, or for one without a name. */
  readonly user: UserInfo | 'invalid' | undefined;
  readonly isProxy: boolean;
}

/** How many certificates a chain may have. */
const LONGEST_CHAIN = 10;

/** Tells users by the certificates of their connections. Each is looked at once. */
export class ClientCertificates {
  readonly #cas: readonly X509Certificate[];
  readonly #proxyCas: readonly X509Certificate[];
  readonly #proxy: FrontProxy | undefined;
  readonly #seen = new WeakMap<object, Seen>();

  constructor({ cas, frontProxy }: ClientCertificateOptions) {
    this.#cas = cas.flatMap(certificatesOf);
    this.#proxy = frontProxy;
    this.#proxyCas = frontProxy === undefined ? [] : certificatesOf(frontProxy.ca);
  }

  /** PEM of all CAs that TLS is to ask certificates of. */
  get cas(): string[] {
    return [...this.#cas, ...this.#proxyCas].map((ca) => ca.toString());
  }

  /** Whom the connection's certificate, or the front proxy that it is of, names; `invalid` if it does not hold. */
  identify(request: HttpRequest): UserInfo | 'invalid' | undefined {
    const key = connectionOf(request);
    let seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, (seen = this.#look(socketOf(request))));
    return (seen.isProxy ? namedByProxy(request, this.#proxy!) : undefined) ?? seen.user;
  }

  #look(socket: TLSSocket): Seen {
    const certificate = socket.getPeerX509Certificate?.();
    if (certificate === undefined) return { user: undefined, isProxy: false };
    const identity = parseClientCertificate(certificate.raw);
    if (!socket.authorized) return { user: 'invalid', isProxy: false };
    if (this.#proxy === undefined) return { user: userOf(certificate, identity), isProxy: false };
    // TLS trusts both sorts of CAs, so it has to be known which of them it was
    const isUser = leadsTo(certificate, this.#cas);
    const { allowedNames } = this.#proxy;
    const isAllowed = allowedNames.length === 0 || (identity !== undefined && allowedNames.includes(identity.user));
    return {
      // one without a name is of no use to the proxy either, and that is an error
      user: (isUser ? userOf(certificate, identity) : undefined) ?? 'invalid',
      isProxy: isAllowed && leadsTo(certificate, this.#proxyCas),
    };
  }
}

function userOf(
  certificate: X509Certificate,
  identity: ReturnType<typeof parseClientCertificate>,
): UserInfo | 'invalid' | undefined {
  if (identity === undefined) return undefined;
  const { user: name, groups, uid } = identity;
  if (uid === '') return 'invalid';
  const digest = createHash('sha256').update(certificate.raw).digest('hex');
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] };
  return authenticated({ name, groups, extra, ...(uid !== undefined && { uid }) });
}

/** Whether a chain of signatures leads from a certificate, by those that came with it, to one of the CAs. */
function leadsTo(certificate: X509Certificate, cas: readonly X509Certificate[]): boolean {
  const isSignedBy = (child: X509Certificate, parent: X509Certificate) =>
    child.checkIssued(parent) && child.verify(parent.publicKey);
  let current: X509Certificate | undefined = certificate;
  for (let i = 0; current !== undefined && i < LONGEST_CHAIN; i++) {
    const child: X509Certificate = current;
    if (cas.some((ca) => isSignedBy(child, ca))) return true;
    const parent: X509Certificate | undefined = child.issuerCertificate;
    current = parent !== undefined && isSignedBy(child, parent) ? parent : undefined;
  }
  return false;
}

/** The user whom a front proxy names; undefined if it names none. */
function namedByProxy(request: HttpRequest, proxy: FrontProxy): UserInfo | undefined {
  const first = (names: readonly string[]) =>
    names.map((name) => header(request, name.toLowerCase())).find((value) => value !== undefined && value !== '');
  const name = first(proxy.usernameHeaders);
  if (name === undefined) return undefined;
  const uid = first(proxy.uidHeaders);
  const pairs = rawHeaders(request);
  const groups = proxy.groupHeaders.flatMap((wanted) =>
    pairs.filter(([given, value]) => given === wanted.toLowerCase() && value !== '').map(([, value]) => value),
  );
  const extra: Record<string, string[]> = Object.create(null);
  for (const prefix of proxy.extraHeaderPrefixes.map((text) => text.toLowerCase()))
    for (const [given, value] of pairs)
      if (given.startsWith(prefix)) (extra[unescapeKey(given.slice(prefix.length))] ??= []).push(value);
  return authenticated({
    name,
    groups,
    ...(uid !== undefined && { uid }),
    ...(Object.keys(extra).length > 0 && { extra: { ...extra } }),
  });
}

/** Names in lower case, values that come more than once apart. */
function rawHeaders({ rawHeaders: raw }: HttpRequest): (readonly [name: string, value: string])[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1]!] as const] : []));
}

/** The key of an extra as a header has it; what is not escaped well stays as it is. */
export function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** The session of HTTP/2, or the socket: what stands for the connection of a request. */
export function connectionOf(request: HttpRequest): object {
  return ('stream' in request && request.stream?.session) || request.socket;
}

function socketOf(request: HttpRequest): TLSSocket {
  return (('stream' in request && request.stream?.session?.socket) || request.socket) as TLSSocket;
}
