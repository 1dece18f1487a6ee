import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type Server,
  type TLSSocket,
} from 'node:tls';
import type { ClientValidation, DownstreamTls, Secret, SecretName } from '../../model/index.ts';

const HANDSHAKE_TIMEOUT_MS = 15_000;
const HTTP_ALPN = ['h2', 'http/1.1'];

/** Terminates TLS of connections that were accepted elsewhere: a server that listens nowhere. */
export class TlsTerminator {
  readonly #server: Server;

  /** @throws Error if a certificate and its key are none */
  constructor(
    tls: DownstreamTls,
    secrets: ReadonlyMap<SecretName, Secret>,
    http: boolean,
    secured: (socket: TLSSocket) => void,
  ) {
    const contexts = contextsOf(tls, secrets);
    const alpn = tls.alpn ?? (http ? HTTP_ALPN : []);
    const validation = tls.clientValidation;
    this.#server = createServer({
      ...contexts[0]!.options,
      ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      ...(contexts.length > 1 && { SNICallback: chooser(contexts) }),
      // a stream may end in one direction first; HTTP has no use for that
      allowHalfOpen: !http,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: validation !== undefined,
      rejectUnauthorized: validation?.mode === 'AllowValidOnly',
    });
    this.#server.on('secureConnection', secured);
    this.#server.on('tlsClientError', () => {});
  }

  /** Takes a connection of which nothing was taken yet. */
  take(socket: Socket): void {
    this.#server.emit('connection', socket);
  }
}

interface NamedContext {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  readonly certificate: X509Certificate;
}

function contextsOf(tls: DownstreamTls, secrets: ReadonlyMap<SecretName, Secret>): readonly NamedContext[] {
  const certificates = tls.certificates.map((name) => secrets.get(name)).filter((one) => one?.kind === 'certificate');
  if (certificates.length === 0) throw new Error('there is no certificate');
  const ca = trustedBy(tls.clientValidation, secrets);
  return certificates.map(({ chain, privateKey }) => {
    const options: SecureContextOptions = {
      cert: chain,
      key: privateKey.reveal(),
      ...(ca !== undefined && { ca: [...ca], allowPartialTrustChain: true }),
      ...(tls.minVersion !== undefined && {
        minVersion: `TLSv${tls.minVersion}`.replace('v1.0', 'v1') as SecureVersion,
      }),
      ...(tls.maxVersion !== undefined && {
        maxVersion: `TLSv${tls.maxVersion}`.replace('v1.0', 'v1') as SecureVersion,
      }),
      ...(tls.ciphers !== undefined && { ciphers: tls.ciphers.join(':') }),
    };
    return { options, context: createSecureContext(options), certificate: new X509Certificate(chain) };
  });
}

/**
 * Who is trusted, as PEM. Nobody where all are let in: then nothing is to be verified, and a wrong signature, once OpenSSL has
 * looked at it, leaves an error behind that Node takes for one of the connection.
 */
function trustedBy(
  validation: ClientValidation | undefined,
  secrets: ReadonlyMap<SecretName, Secret>,
): readonly string[] | undefined {
  if (validation === undefined) return undefined;
  if (validation.mode === 'AllowInsecureFallback') return [];
  const secretsOfCa = validation.ca.map((name) => secrets.get(name)).filter((one) => one?.kind === 'ca');
  return secretsOfCa.map(({ bundle }) => bundle);
}

/** The first certificate that is for the name, else the first. */
function chooser(contexts: readonly NamedContext[]) {
  return (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
    const fitting = contexts.find(({ certificate }) => certificate.checkHost(name) !== undefined) ?? contexts[0]!;
    done(null, fitting.context);
  };
}

/** The secrets that a chain's TLS is made of. */
export function secretsOf(tls: DownstreamTls): readonly SecretName[] {
  return [...tls.certificates, ...(tls.clientValidation?.ca ?? [])];
}
