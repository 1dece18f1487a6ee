import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import { tunnelTo } from './tunnel.ts';

/** How long a connection may take, as client-go has it. */
const CONNECT_MS = 30_000;
/** How soon the system asks whether a silent other end still lives. */
const KEEP_ALIVE_MS = 30_000;

/** What connections are encrypted with: PEM. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** How connections are made. */
export interface ConnectorOptions {
  /** Is asked for each connection, so that files may change. */
  readonly material: () => TlsMaterial;
  readonly serverName?: string;
  readonly insecure?: boolean;
  readonly proxy?: URL;
  /** What is offered, the best first; default HTTP/1.1. */
  readonly protocols?: readonly string[];
}

/** A way to open connections to a URL, as undici does not call it: with a promise. */
export function opener(origin: URL, options: ConnectorOptions): () => Promise<Socket> {
  const connector = newConnector(options);
  const { hostname, host, port, protocol } = origin;
  return () =>
    new Promise((resolve, reject) => {
      connector({ hostname, host, port, protocol }, (error, socket) =>
        error === null ? resolve(socket!) : reject(error),
      );
    });
}

/** Makes connections: straight or through a proxy, and encrypted where the URL says so. */
export function newConnector(options: ConnectorOptions): buildConnector.connector {
  const contexts = new ContextCache();
  return ({ hostname, port, protocol }, callback) => {
    const target = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
    };
    void openSocket(target, options.proxy)
      .then((socket) => (protocol === 'https:' ? encrypt(socket, target.host, options, contexts) : socket))
      .then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
  };
}

async function openSocket(target: { host: string; port: number }, proxy: URL | undefined): Promise<Socket> {
  const socket = proxy === undefined ? connect(target) : await tunnelTo(target, proxy, CONNECT_MS);
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  if (proxy === undefined) await settled(socket, 'connect');
  return socket;
}

async function encrypt(
  socket: Socket,
  host: string,
  { material, serverName, insecure, protocols = ['http/1.1'] }: ConnectorOptions,
  contexts: ContextCache,
): Promise<Socket> {
  const name = serverName ?? (isIP(host) > 0 ? '' : host);
  const identity = contexts.of(material());
  const secured = connectTls({
    socket,
    host,
    servername: name,
    secureContext: identity.context,
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: [...protocols],
    ...(identity.session && { session: identity.session }),
  });
  secured.on('session', (session) => (identity.session = session));
  try {
    await settled(secured, 'secureConnect');
  } catch (cause) {
    socket.destroy();
    throw cause;
  }
  return secured;
}

/** Waits until a connection stands, and destroys one that does not in time. */
function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS);
    const done = (error?: Error): void => {
      clearTimeout(late);
      socket.off('error', done).off('close', closed).off(event, stands);
      // whoever takes the socket over listens from now on; one that failed may say so again
      if (error === undefined) return resolve();
      socket.on('error', () => {});
      reject(error);
    };
    const closed = (): void =>
      done(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' }));
    const stands = (): void => done();
    socket.on('error', done).on('close', closed).on(event, stands);
  });
}

/** What connections have in common that are encrypted with the same. */
interface Identity {
  readonly material: TlsMaterial;
  readonly context: SecureContext;
  /** Makes the next one cheaper. It goes on for whom the last one was, so it must not outlive his certificate. */
  session?: Buffer;
}

/** Reading certificates costs a millisecond; most connections have the same. */
class ContextCache {
  #identity: Identity | undefined;

  of(material: TlsMaterial): Identity {
    const held = this.#identity;
    const { ca, cert, key } = held?.material ?? {};
    if (held !== undefined && ca === material.ca && cert === material.cert && key === material.key) return held;
    // as in Go, whoever is trusted need not have signed himself
    const options: ConnectionOptions & { allowPartialTrustChain?: boolean } = {
      ...material,
      allowPartialTrustChain: true,
    };
    this.#identity = { material, context: createSecureContext(options) };
    return this.#identity;
  }
}
