import type { Agent } from 'node:https';
import type { PeerCertificate } from 'node:tls';
import type { Backend } from '../connect/backend.ts';
import { hostPort } from '../connect/node-connection.ts';
import { certificateProblem } from '../webhooks/network-error.ts';
import type { RemoteApiService } from './api-service.ts';

/** How this server shows the servers behind it who it is: kube-apiserver's `--proxy-client-…` flags. PEM. */
export interface ProxyClient {
  readonly cert: string;
  readonly key: string;
}

/** Where a service is. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** How the server of an APIService is reached. */
export interface BackendParts {
  readonly client: ProxyClient | undefined;
  /** Where the address is really, if elsewhere. */
  readonly at: ServiceAddress | undefined;
  readonly agent: Agent;
}

/** The server of an APIService at an address of its service. @throws Error for a CA bundle that is none */
export function backendOf(
  { spec }: RemoteApiService,
  { host, port }: ServiceAddress,
  { client, at, agent }: BackendParts,
): Backend {
  const { service, caBundle = '', insecureSkipTLSVerify: insecure = false } = spec;
  const serverName = `${service.name}.${service.namespace}.svc`;
  const ca = bundleOf(caBundle);
  const tls = {
    servername: serverName,
    ...(client !== undefined && { cert: client.cert, key: client.key }),
    ...(insecure
      ? { rejectUnauthorized: false }
      : {
          checkServerIdentity: (_: string, certificate: PeerCertificate) => certificateProblem(serverName, certificate),
          // a bundle may be the certificate itself
          allowPartialTrustChain: true,
          ...(ca !== undefined && { ca }),
        }),
  };
  return { url: new URL(`https://${hostPort(host, port)}/`), tls, agent, ...(at !== undefined && { at }) };
}

function bundleOf(base64: string): string | undefined {
  if (base64 === '') return undefined;
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error('unable to load root certificates: unable to parse bytes as PEM block');
  return pem;
}
