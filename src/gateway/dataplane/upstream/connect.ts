import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  type PeerCertificate,
  TLSSocket,
} from 'node:tls';
import type { Secret, SecretName, UpstreamTls } from '../../model/index.ts';
import { whenLate } from '../http/when-late.ts';

/** A connection on its way. */
export interface Connecting {
  /** Rejected with what went wrong, in words. */
  readonly done: Promise<Socket>;
  /** What TLS agreed on, if it was asked. */
  protocol(): 'HTTP/1.1' | 'HTTP/2' | undefined;
}

/** How connections to a backend are opened. */
export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly tls?: ConnectionOptions;
  readonly keepAliveMs?: number;
  /** Goes first: a line of the PROXY protocol. */
  readonly preface?: Buffer;
  readonly allowHalfOpen?: boolean;
  /** Takes what is said without a stream; only without TLS. */
  readonly onread?: OnReadOpts;
}

/** Opens a connection to an endpoint, with TLS on it where that is asked for. */
export function openConnection(address: string, port: number, options: ConnectOptions): Connecting {
  const { allowHalfOpen = false, onread } = options;
  const tcp = connectTcp({ host: address, port, noDelay: true, allowHalfOpen, ...(onread && { onread }) });
  if (options.keepAliveMs !== undefined) tcp.setKeepAlive(true, options.keepAliveMs);
  if (options.preface !== undefined) tcp.write(options.preface);
  const socket = options.tls === undefined ? tcp : connectTls({ ...options.tls, socket: tcp });
  const done = new Promise<Socket>((resolve, reject) => {
    const cancel = whenLate(options.timeoutMs, () => fail(new Error('connection timeout')));
    const fail = (error: Error): void => {
      cancel();
      tcp.destroy();
      socket.destroy();
      reject(error);
    };
    const ended = (): void => fail(new Error('the connection was closed'));
    tcp.once('error', fail);
    if (socket !== tcp) socket.once('error', fail);
    socket.once('close', ended);
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      cancel();
      socket.off('close', ended);
      // somebody must hear of errors until the connection has its owner
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
  return { done, protocol: () => agreed(socket) };
}

function agreed(socket: Socket): 'HTTP/1.1' | 'HTTP/2' | undefined {
  if (!(socket instanceof TLSSocket) || typeof socket.alpnProtocol !== 'string') return undefined;
  return socket.alpnProtocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
}

/** TLS to a backend as BackendTLSPolicy says it. */
export function upstreamTlsOptions(
  tls: UpstreamTls,
  secrets: ReadonlyMap<SecretName, Secret>,
  alpn: readonly string[],
): ConnectionOptions {
  const bundles =
    tls.ca === 'System' ? undefined : tls.ca.map((name) => secrets.get(name)).filter((one) => one?.kind === 'ca');
  const own = tls.clientCertificate === undefined ? undefined : secrets.get(tls.clientCertificate);
  return {
    servername: tls.hostname,
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
    // nobody is trusted where the bundle is missing: never whom this machine trusts
    ...(bundles === undefined ? {} : { ca: bundles.map(({ bundle }) => bundle), allowPartialTrustChain: true }),
    ...(own?.kind === 'certificate' ? { cert: own.chain, key: own.privateKey.reveal() } : {}),
    checkServerIdentity: (_host, certificate) => checkIdentity(tls, certificate),
    rejectUnauthorized: true,
  };
}

function checkIdentity({ hostname, subjectAltNames }: UpstreamTls, certificate: PeerCertificate): Error | undefined {
  if (subjectAltNames === undefined || subjectAltNames.length === 0) return checkServerIdentity(hostname, certificate);
  const names = (certificate.subjectaltname ?? '').split(', ');
  const has = subjectAltNames.some(({ type, value }) =>
    type === 'URI' ? names.includes(`URI:${value}`) : checkServerIdentity(value, certificate) === undefined,
  );
  return has
    ? undefined
    : new Error(`the certificate has none of the names ${subjectAltNames.map(({ value }) => value).join(', ')}`);
}
