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
}

/** Makes connections: straight or through a proxy, and encrypted where the URL says so. */
export function newConnector(options: ConnectorOptions): buildConnector.connector {
  const contexts = new ContextCache();
  const sessions: { last?: Buffer } = {};
  return ({ hostname, port, protocol }, callback) => {
    const target = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
    };
    void openSocket(target, options.proxy)
      .then((socket) => (protocol === 'https:' ? encrypt(socket, target.host, options, contexts, sessions) : socket))
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
  { material, serverName, insecure }: ConnectorOptions,
  contexts: ContextCache,
  sessions: { last?: Buffer },
): Promise<Socket> {
  const name = serverName ?? (isIP(host) > 0 ? '' : host);
  const secured = connectTls({
    socket,
    host,
    servername: name,
    secureContext: contexts.of(material()),
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: ['http/1.1'],
    ...(sessions.last && { session: sessions.last }),
  });
  secured.on('session', (session) => (sessions.last = session));
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

/** Reading certificates costs a millisecond; most connections have the same. */
class ContextCache {
  #material: TlsMaterial = {};
  #context: SecureContext | undefined;

  of(material: TlsMaterial): SecureContext {
    const { ca, cert, key } = this.#material;
    const same = ca === material.ca && cert === material.cert && key === material.key;
    if (this.#context !== undefined && same) return this.#context;
    this.#material = material;
    // as in Go, whoever is trusted need not have signed himself; older Nodes do not know the option
    const options: ConnectionOptions & { allowPartialTrustChain?: boolean } = {
      ...material,
      allowPartialTrustChain: true,
    };
    this.#context = createSecureContext(options);
    return this.#context;
  }
}
