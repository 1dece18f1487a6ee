import { readFileSync } from 'node:fs';
import type { JsonObject } from 'nekube/apimachinery';
import { type Clock, systemClock } from '../clock.ts';
import type { ClusterConfig } from '../kubeconfig/cluster-config.ts';
import type { PemSource } from '../kubeconfig/kubeconfig.ts';
import type { Transport } from '../transport.ts';
import type { Connections } from './connections.ts';
import type { TlsMaterial } from './connector.ts';
import {
  basicAuthorization,
  type CredentialSource,
  type Credentials,
  fixedCredentials,
  TokenFile,
} from './credentials.ts';
import { ExecPlugin } from './exec-plugin.ts';
import { type Env, proxyFor, proxyUrl } from './proxy-env.ts';

/** What a transport lives in. */
export interface TransportOptions {
  /**
   * True: HTTP/2 where the server speaks it, with all watches on one connection and all other requests on another. Default:
   * HTTP/1.1, with a connection for each watch.
   */
  readonly http2?: boolean;
  /** Default `process.env`: of proxies, and of exec plugins. */
  readonly env?: Env;
  /** What credentials expire by. */
  readonly clock?: Clock;
}

/** Connections to a cluster. They are made when they are needed; certificates and tokens are read again as they change. */
export async function transportFor(config: ClusterConfig, options: TransportOptions = {}): Promise<Transport> {
  // these load most of Node's network and undici, which tests with a transport of their own do without
  const [{ Pool }, { poolConnections }, { newConnector, opener }, { HttpTransport, POOL_OPTIONS }] = await Promise.all([
    import('undici'),
    import('./connections.ts'),
    import('./connector.ts'),
    import('./http-transport.ts'),
  ]);
  const { env = process.env, clock = systemClock, http2 = false } = options;
  const server = new URL(config.server);
  const proxy = config.proxyUrl === undefined ? proxyFor(server, env) : proxyUrl(config.proxyUrl, 'proxy-url');
  const { serverName, insecure } = config;
  const withHttp2 = http2 && server.protocol === 'https:' ? await import('./http2-connections.ts') : undefined;
  return new HttpTransport({
    server: config.server.replace(/\/$/, ''),
    credentials: credentialsOf(config, env, clock),
    compression: config.disableCompression !== true && !isLoopback(server.hostname),
    newConnections: (origin, credentials, connections) => {
      const connecting = {
        material: () => materialOf(config, credentials),
        ...(serverName !== undefined && { serverName }),
        ...(insecure !== undefined && { insecure }),
        ...(proxy !== undefined && { proxy }),
      };
      const pool = (): Connections =>
        poolConnections(
          new Pool(origin, { ...POOL_OPTIONS, connections, allowH2: false, connect: newConnector(connecting) }),
        );
      if (withHttp2 === undefined) return pool();
      const open = opener(server, { ...connecting, protocols: ['h2', 'http/1.1'] });
      return new withHttp2.Http2Connections({ origin, open, fallback: pool });
    },
  });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** In client-go's order: a token or a password that is written down goes before a plugin. */
function credentialsOf(config: ClusterConfig, env: Env, clock: Clock): CredentialSource {
  const { token, tokenFile, username, password, exec } = config;
  if (tokenFile !== undefined) return new TokenFile(tokenFile, clock);
  if (token !== undefined) return fixedCredentials({ authorization: `Bearer ${token}` });
  if ((username ?? password) !== undefined)
    return fixedCredentials({ authorization: basicAuthorization(username ?? '', password ?? '') });
  if (exec !== undefined) return new ExecPlugin(exec, execCluster(config), { clock, env });
  return fixedCredentials({});
}

function materialOf({ ca, clientCertificate, clientKey }: ClusterConfig, { cert, key }: Credentials): TlsMaterial {
  const own = {
    ...(clientCertificate && { cert: pemOf(clientCertificate) }),
    ...(clientKey && { key: pemOf(clientKey) }),
  };
  return {
    ...(ca && { ca: pemOf(ca) }),
    ...own,
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

function pemOf(source: PemSource): string {
  return 'pem' in source ? source.pem : readFileSync(source.file, 'utf8');
}

/** What an exec plugin is told of its cluster. */
function execCluster(config: ClusterConfig): JsonObject {
  const { server, serverName, insecure, ca, proxyUrl: proxy, disableCompression, execConfig } = config;
  return {
    server,
    ...(serverName !== undefined && { 'tls-server-name': serverName }),
    ...(insecure && { 'insecure-skip-tls-verify': true }),
    ...(ca && { 'certificate-authority-data': Buffer.from(pemOf(ca)).toString('base64') }),
    ...(proxy !== undefined && { 'proxy-url': proxy }),
    ...(disableCompression && { 'disable-compression': true }),
    config: execConfig ?? null,
  };
}
