import type { HeaderChange, NamedValue, ValueMatch } from './http.ts';
import type { PrivateText } from './private-text.ts';
import type { Source } from './source.ts';

/*
 * What policies say beside routes. Absent always means the data plane's own way, which is the same for all.
 */

/** Of a listener: how clients are spoken with. */
export interface ClientSettings {
  readonly http1?: {
    /** Names of headers are sent in the case they came in. */
    readonly preserveHeaderCase?: boolean;
    /** HTTP/1.0 is taken, too; for a request without a host this is it. */
    readonly http10?: { readonly defaultHost?: string };
  };
  readonly http2?: Http2Settings;
  /** Also over QUIC, on the same port of UDP; it is announced by Alt-Svc. Only where TLS is terminated. */
  readonly http3?: boolean;
  /** A connection begins with a line of the PROXY protocol: always, or perhaps. */
  readonly proxyProtocol?: 'Required' | 'Optional';
  /** Who the client is where proxies are before this one. */
  readonly clientAddress?: /** X-Forwarded-For, from the right: so many proxies are trusted. */
    | { readonly trustedHops: number }
    /** A header of one address. */
    | { readonly header: string; readonly required: boolean };
  /** Of a connection without a request. */
  readonly idleTimeoutMs?: number;
  readonly requestHeadersTimeoutMs?: number;
  /** From the first to the last byte of a request. */
  readonly requestTimeoutMs?: number;
  readonly streamIdleTimeoutMs?: number;
  readonly maxConnectionDurationMs?: number;
  readonly maxRequestHeadersBytes?: number;
  readonly connectionLimit?: { readonly connections: number; readonly closeDelayMs?: number };
  /** So much is buffered of a connection. */
  readonly bufferBytes?: number;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly path?: {
    readonly mergeSlashes?: boolean;
    readonly escapedSlashes?: 'Keep' | 'Reject' | 'UnescapeAndForward' | 'UnescapeAndRedirect';
  };
  /** Before a route is chosen. */
  readonly requestHeaders?: HeaderChange;
  readonly accessLogs?: readonly AccessLog[];
  readonly tracing?: Tracing;
  /** Answers to requests that ask tell by which listener, route and backend they came: `debug-headers.ts`. */
  readonly debugHeaders?: boolean;
}

/** HTTP/2, on either side. */
export interface Http2Settings {
  readonly maxConcurrentStreams?: number;
  readonly streamWindowBytes?: number;
  readonly connectionWindowBytes?: number;
}

/** Probes of connections on which nothing is sent (those of TCP itself). */
export interface TcpKeepalive {
  readonly probes?: number;
  readonly idleMs?: number;
  readonly intervalMs?: number;
}

/** A line for each request or connection. */
export interface AccessLog {
  readonly sink:
    | { readonly type: 'File'; readonly path: string }
    | { readonly type: 'OpenTelemetry' | 'ALS'; readonly backend: string; readonly logName?: string };
  /** Envoy's command operators; of JSON, by key. Absent: the data plane's own text. */
  readonly format?: { readonly text: string } | { readonly json: Readonly<Record<string, string>> };
  /** Only what this CEL expression of Envoy is true for. */
  readonly matches?: readonly string[];
}

/** Spans of requests. */
export interface Tracing {
  readonly provider: {
    readonly type: 'OpenTelemetry' | 'Zipkin';
    readonly backend: string;
    readonly serviceName: string;
    /** Sent with what is exported. */
    readonly headers?: readonly NamedValue[];
  };
  /** Absent: the data plane's own. */
  readonly spanName?: string;
  /** Of requests that are not sampled by who is before: 0 to 100. */
  readonly samplingPercent: number;
  readonly tags?: Readonly<
    Record<
      string,
      | { readonly literal: string }
      | { readonly header: string }
      | { readonly environment: string }
      /** Envoy's command operators. */
      | { readonly format: string }
    >
  >;
}

/** Of a backend: how it is spoken with. */
export interface BackendSettings {
  readonly loadBalancing?: LoadBalancing;
  /** New endpoints get their share within this time. */
  readonly slowStartMs?: number;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxConnectionDurationMs?: number;
  readonly maxRequestsPerConnection?: number;
  readonly circuitBreaker?: {
    readonly maxConnections?: number;
    readonly maxPendingRequests?: number;
    readonly maxRequests?: number;
    readonly maxRetries?: number;
  };
  /** How many of its requests may be retries. */
  readonly retryBudget?: RetryBudget;
  /** Endpoints are asked whether they are well. */
  readonly healthCheck?: HealthCheck;
  /** Endpoints that fail are left out for a while. */
  readonly outlierDetection?: OutlierDetection;
  readonly http2?: Http2Settings;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly bufferBytes?: number;
  /** A line of the PROXY protocol is sent first. */
  readonly proxyProtocol?: 'V1' | 'V2';
}

/** A share of the requests of the last while, and what is allowed in any case; each data plane counts for itself. */
export interface RetryBudget {
  /** The policy that says so. */
  readonly source: Source;
  /** 0 to 100. */
  readonly percent: number;
  readonly intervalMs: number;
  readonly minimum: { readonly count: number; readonly intervalMs: number };
}

/** Which endpoint. */
export type LoadBalancing =
  | { readonly type: 'RoundRobin' | 'LeastRequest' | 'Random' }
  /** The same key goes to the same endpoint (Maglev). */
  | {
      readonly type: 'ConsistentHash';
      readonly by:
        | { readonly type: 'SourceIP' }
        | { readonly type: 'Header'; readonly name: string }
        | { readonly type: 'QueryParam'; readonly name: string }
        | { readonly type: 'Cookie'; readonly name: string; readonly ttlMs?: number };
      /** A prime. */
      readonly tableSize?: number;
    };

/** What is asked of an endpoint, and how its answers count. */
export interface HealthCheck {
  /** Who asks for it, where it is not the backend itself. */
  readonly source?: Source;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly check:
    | {
        readonly type: 'HTTP';
        readonly path: string;
        readonly method?: string;
        readonly hostname?: string;
        readonly expectedStatuses?: readonly number[];
      }
    | { readonly type: 'TCP'; readonly send?: string; readonly receive?: string }
    | { readonly type: 'GRPC'; readonly service?: string };
}

/** When an endpoint is left out. */
export interface OutlierDetection {
  readonly intervalMs?: number;
  readonly baseEjectionMs?: number;
  /** 0 to 100, of all endpoints. */
  readonly maxEjectionPercent?: number;
  readonly consecutive5xx?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly consecutiveLocalOriginFailures?: number;
}

/** Of a route. */
export interface RouteSettings {
  /** Each data plane counts for itself; all rules that match must allow. */
  readonly localRateLimits?: readonly RateLimit[];
  /** A service of Envoy's rate limit protocol counts for all. */
  readonly globalRateLimits?: {
    readonly backend: string;
    readonly domain: string;
    readonly limits: readonly RateLimit[];
    /** What is not answered by the service is refused. */
    readonly failClosed?: boolean;
  };
  readonly fault?: Fault;
  /** In order of preference; for what the client accepts. */
  readonly compression?: readonly ('Brotli' | 'Gzip' | 'Zstd')[];
  readonly jwt?: JwtAuthentication;
  readonly basicAuth?: BasicAuthentication;
  readonly apiKeys?: ApiKeyAuthentication;
  /** Decided in order; the first rule that fits counts. */
  readonly authorization?: { readonly rules: readonly AuthorizationRule[]; readonly defaultAction: 'Allow' | 'Deny' };
  /** Of a request's body; beyond it: 413. */
  readonly maxRequestBodyBytes?: number;
}

/** So many requests of a kind. */
export interface RateLimit {
  /** Of those that have all of these; each value counts for itself where `distinct` says so. */
  readonly headers?: readonly (ValueMatch | { readonly type: 'Distinct'; readonly name: string })[];
  /** Of clients of these networks; `distinct`: each address for itself. */
  readonly clientCidr?: { readonly cidr: string; readonly distinct: boolean };
  readonly requests: number;
  readonly per: 'Second' | 'Minute' | 'Hour' | 'Day';
}

/** Trouble on purpose; a percentage is 0 to 100. */
export interface Fault {
  readonly delay?: { readonly ms: number; readonly percent: number };
  readonly abort?: { readonly httpStatus?: number; readonly grpcStatus?: number; readonly percent: number };
}

/** Requests need a token that one of these has signed. */
export interface JwtAuthentication {
  readonly optional?: boolean;
  readonly providers: readonly JwtProvider[];
}

/** Whose tokens are good. */
export interface JwtProvider {
  readonly name: string;
  readonly issuer?: string;
  readonly audiences?: readonly string[];
  readonly keys:
    | { readonly type: 'Local'; readonly jwks: string }
    | { readonly type: 'Remote'; readonly uri: string; readonly backend: string; readonly cacheMs?: number };
  /** Where the token is; absent: `Authorization: Bearer`. */
  readonly from?: {
    readonly headers?: readonly { readonly name: string; readonly prefix?: string }[];
    readonly params?: readonly string[];
    readonly cookies?: readonly string[];
  };
  readonly claimToHeaders?: readonly { readonly claim: string; readonly header: string }[];
}

/** Requests need a name and a password. */
export interface BasicAuthentication {
  /** Lines of an htpasswd file, SHA-1 hashed, as Envoy reads. */
  readonly users: PrivateText;
  /** The backend is told the name in this header. */
  readonly forwardUsernameHeader?: string;
}

/** Requests need a key. */
export interface ApiKeyAuthentication {
  /** By the client's id. */
  readonly keys: Readonly<Record<string, PrivateText>>;
  readonly from: readonly { readonly header?: string; readonly param?: string; readonly cookie?: string }[];
  readonly forwardClientIdHeader?: string;
  /** The key is not sent on. */
  readonly sanitize?: boolean;
}

/** Who may; all that is said must hold, of a list any. */
export interface AuthorizationRule {
  readonly name: string;
  readonly action: 'Allow' | 'Deny';
  readonly clientCidrs?: readonly string[];
  readonly methods?: readonly string[];
  readonly headers?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly jwt?: {
    readonly provider: string;
    readonly scopes?: readonly string[];
    readonly claims?: readonly { readonly name: string; readonly values: readonly string[] }[];
  };
}
