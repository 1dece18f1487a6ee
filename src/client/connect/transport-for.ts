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
   * HTTP/2 where the server speaks it, with all watches on one connection and all other requests on another; the default, as
   * it is client-go's. False: HTTP/1.1, with a connection for each watch.
   */
  readonly http2?: boolean;
  /** Default `process.env`: of proxies, and of exec plugins. */
  readonly env?: Env;
  /** What credentials expire by. */
  readonly clock?: Clock;
}

/** Connections to a cluster. They are made when they are needed; certificates and tokens are read again as they change. */
export async function transportFor(config: ClusterConfig, options: TransportOptions = {}): Promise<Transport> {
  // these load most of Node's network, which tests with a transport of their own do without
  const [{ newConnector, opener }, { HttpTransport }] = await Promise.all([
    import('./connector.ts'),
    import('./http-transport.ts'),
  ]);
  const { env = process.env, clock = systemClock, http2 = true } = options;
  const server = new URL(config.server);
  const proxy = config.proxyUrl === undefined ? proxyFor(server, env) : proxyUrl(config.proxyUrl, 'proxy-url');
  const { serverName, insecure } = config;
  // one of the two is loaded; the other only for a server that does not speak HTTP/2
  const withHttp2 = http2 && server.protocol === 'https:' ? await import('./http2-connections.ts') : undefined;
  const withHttp1 = withHttp2 === undefined ? await import('./http1-connections.ts') : undefined;
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
      const http1 = { origin, limit: connections, connect: newConnector(connecting) };
      if (withHttp2 === undefined) return withHttp1!.http1Connections(http1);
      const open = opener(server, { ...connecting, protocols: ['h2', 'http/1.1'] });
      const fallback = async (): Promise<Connections> =>
        (await import('./http1-connections.ts')).http1Connections(http1);
      return new withHttp2.Http2Connections({ origin, open, fallback });
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
