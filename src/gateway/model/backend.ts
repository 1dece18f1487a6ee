import type { BackendSettings } from './settings.ts';
import type { Source } from './source.ts';
import type { SecretName } from './tls.ts';

/**
 * Where requests or connections go: one port of a Service (or another kind of backend), by one way of speaking to it. The same
 * port may be several backends, where gateways show different certificates or policies of routes differ.
 */
export interface Backend {
  /** As `service/NAMESPACE/NAME/PORT`, and what tells variants apart behind it. */
  readonly name: string;
  /** The Service, XBackend or other object. */
  readonly source: Source;
  readonly protocol: BackendProtocol;
  /** The key of `GatewayModel.endpoints`; absent with `hostname`. */
  readonly endpoints?: string;
  /** Resolved by DNS by the data plane: an external name. */
  readonly hostname?: { readonly name: string; readonly port: number };
  /** Present: TLS is spoken to it. */
  readonly tls?: UpstreamTls;
  readonly settings?: BackendSettings;
}

/**
 * What is spoken to a backend: `HTTP` is HTTP/1.1; `H2C` is HTTP/2 (with `tls` by ALPN); `WebSocket` is HTTP/1.1 that may
 * upgrade; `GRPC` is HTTP/2 for routes of gRPC. `TCP` and `UDP` are for streams.
 */
export type BackendProtocol = 'HTTP' | 'H2C' | 'GRPC' | 'WebSocket' | 'TCP' | 'UDP';

/** How a backend proves who it is, by BackendTLSPolicy. */
export interface UpstreamTls {
  /** The server name that is asked for; without `subjectAltNames` the certificate must be for it, too. */
  readonly hostname: string;
  /** Any of these must be in the certificate. */
  readonly subjectAltNames?: readonly { readonly type: 'Hostname' | 'URI'; readonly value: string }[];
  /** Who is trusted; `System`: whom this machine trusts. */
  readonly ca: readonly SecretName[] | 'System';
  /** What the gateway shows of itself. */
  readonly clientCertificate?: SecretName;
}

/** The endpoints of a port, which change without a translation. Sorted by address and port. */
export interface Endpoints {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** One address of a backend. */
export interface Endpoint {
  /** IPv4 or IPv6, or a host and port of this machine that stand for it where pods have no addresses of their own. */
  readonly address: string;
  readonly port: number;
  /** `draining`: it ends; new work goes there only where nothing else is left (serving and terminating). */
  readonly state: 'ready' | 'draining';
  readonly zone?: string;
}
