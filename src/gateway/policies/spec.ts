import type { KubeObject } from 'nekube/apimachinery';
import type {
  AuthorizationRule,
  BackendSettings,
  ClientSettings,
  DownstreamTls,
  HealthCheck,
  Http2Settings,
  JwtProvider,
  OutlierDetection,
  RateLimit,
  RouteSettings,
  TcpKeepalive,
} from '../model/index.ts';

/*
 * The policies' specs, as users write them. Durations are Gateway API's (`1h30m`, `500ms`; GEP-2257), secrets and backends are
 * references; what is the same in the routing model has its type from there. What a field means stands in the definition
 * (*-schema.ts), which is what users read.
 */

/** What a policy is about. */
export interface TargetRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** A listener of a Gateway, a rule of a route, or a port of a Service. */
  readonly sectionName?: string;
}

/** A Secret or ConfigMap. */
export interface ObjectRef {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A backend that a policy asks. */
export interface BackendObjectRef extends ObjectRef {
  readonly port?: number;
}

/** As filters of routes have it. */
export interface HeaderFilter {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** Any of the policies. */
export interface Policy<Spec> extends KubeObject {
  readonly spec: Spec & { readonly targetRefs: readonly TargetRef[] };
}

/** How clients are spoken with. */
export interface ClientPolicySpec {
  readonly http1?: ClientSettings['http1'];
  readonly http2?: Http2Settings;
  readonly http3?: { readonly enabled: boolean };
  readonly proxyProtocol?: ClientSettings['proxyProtocol'];
  readonly clientAddress?: {
    readonly trustedHops?: number;
    readonly header?: { readonly name: string; readonly required?: boolean };
  };
  readonly timeouts?: {
    readonly idle?: string;
    readonly requestHeaders?: string;
    readonly request?: string;
    readonly streamIdle?: string;
    readonly maxConnectionDuration?: string;
  };
  readonly connection?: { readonly limit?: number; readonly closeDelay?: string; readonly bufferBytes?: number };
  readonly maxRequestHeadersBytes?: number;
  readonly tcpKeepalive?: TcpKeepaliveSpec;
  readonly path?: ClientSettings['path'];
  readonly tls?: Pick<DownstreamTls, 'minVersion' | 'maxVersion' | 'ciphers'> & {
    readonly alpnProtocols?: readonly string[];
  };
  readonly requestHeaders?: HeaderFilter;
  readonly accessLogs?: readonly AccessLogSpec[];
  readonly tracing?: TracingSpec;
  readonly debugHeaders?: boolean;
}

/** Probes of silent connections. */
export interface TcpKeepaliveSpec extends Pick<TcpKeepalive, 'probes'> {
  readonly idle?: string;
  readonly interval?: string;
}

/** A line for each request. */
export interface AccessLogSpec {
  readonly type: 'File' | 'OpenTelemetry' | 'ALS';
  readonly path?: string;
  readonly backendRef?: BackendObjectRef;
  readonly logName?: string;
  readonly text?: string;
  readonly json?: Readonly<Record<string, string>>;
  readonly matches?: readonly string[];
}

/** Spans of requests. */
export interface TracingSpec {
  readonly provider: {
    readonly type: 'OpenTelemetry' | 'Zipkin';
    readonly backendRef: BackendObjectRef;
    readonly serviceName?: string;
  };
  readonly samplingPercent?: number;
  readonly tags?: readonly {
    readonly name: string;
    readonly literal?: string;
    readonly header?: string;
    readonly environment?: string;
  }[];
}

/** How backends are spoken with, and what routes do on the way to them. */
export interface BackendPolicySpec {
  readonly timeouts?: {
    readonly connect?: string;
    readonly idle?: string;
    readonly maxConnectionDuration?: string;
    readonly request?: string;
    readonly backendRequest?: string;
  };
  readonly retry?: {
    readonly attempts?: number;
    readonly backoff?: string;
    readonly codes?: readonly number[];
    readonly triggers?: readonly ('ConnectionError' | 'BackendTimeout')[];
  };
  readonly maxRequestsPerConnection?: number;
  readonly circuitBreaker?: BackendSettings['circuitBreaker'];
  readonly healthCheck?: HealthCheckSpec;
  readonly outlierDetection?: Omit<OutlierDetection, 'intervalMs' | 'baseEjectionMs'> & {
    readonly interval?: string;
    readonly baseEjectionTime?: string;
  };
  readonly loadBalancing?: LoadBalancingSpec;
  readonly http2?: Http2Settings;
  readonly tcpKeepalive?: TcpKeepaliveSpec;
  readonly bufferBytes?: number;
  readonly proxyProtocol?: BackendSettings['proxyProtocol'];
  readonly rateLimit?: RateLimitSpec;
  readonly fault?: {
    readonly delay?: { readonly duration: string; readonly percent?: number };
    readonly abort?: { readonly httpStatus?: number; readonly grpcStatus?: number; readonly percent?: number };
  };
  readonly compression?: RouteSettings['compression'];
  readonly requestHeaders?: HeaderFilter;
  readonly responseHeaders?: HeaderFilter;
  readonly mirrors?: readonly { readonly backendRef: BackendObjectRef; readonly percent?: number }[];
  readonly maxRequestBodyBytes?: number;
}

/** What is asked of endpoints. */
export interface HealthCheckSpec extends Partial<Pick<HealthCheck, 'unhealthyThreshold' | 'healthyThreshold'>> {
  readonly interval?: string;
  readonly timeout?: string;
  readonly http?: CheckOf<'HTTP'>;
  readonly tcp?: CheckOf<'TCP'>;
  readonly grpc?: CheckOf<'GRPC'>;
}

type CheckOf<T> = Omit<Extract<HealthCheck['check'], { readonly type: T }>, 'type'>;

/** Which endpoint. */
export interface LoadBalancingSpec {
  readonly type: 'RoundRobin' | 'LeastRequest' | 'Random' | 'ConsistentHash';
  readonly consistentHash?: {
    readonly type: 'SourceIP' | 'Header' | 'QueryParam' | 'Cookie';
    readonly name?: string;
    readonly ttl?: string;
    readonly tableSize?: number;
  };
  readonly slowStart?: string;
}

/** So many requests. */
export interface RateLimitSpec {
  readonly local?: readonly RateLimitRuleSpec[];
  readonly global?: {
    readonly backendRef: BackendObjectRef;
    readonly domain: string;
    readonly rules: readonly RateLimitRuleSpec[];
    readonly failClosed?: boolean;
  };
}

/** A limit of a kind of requests. */
export interface RateLimitRuleSpec extends Pick<RateLimit, 'requests' | 'per'> {
  readonly headers?: readonly {
    readonly name: string;
    readonly type?: 'Exact' | 'RegularExpression' | 'Distinct';
    readonly value?: string;
  }[];
  readonly clientCIDR?: { readonly cidr: string; readonly distinct?: boolean };
}

/** Who may. */
export interface SecurityPolicySpec {
  readonly cors?: {
    readonly allowOrigins: readonly string[];
    readonly allowCredentials?: boolean;
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
    readonly exposeHeaders?: readonly string[];
    readonly maxAge?: number;
  };
  readonly jwt?: { readonly optional?: boolean; readonly providers: readonly JwtProviderSpec[] };
  readonly basicAuth?: { readonly secretRef: ObjectRef; readonly forwardUsernameHeader?: string };
  readonly apiKeys?: {
    readonly secretRefs: readonly ObjectRef[];
    readonly from: readonly { readonly header?: string; readonly param?: string; readonly cookie?: string }[];
    readonly forwardClientIDHeader?: string;
    readonly sanitize?: boolean;
  };
  readonly externalAuth?: {
    readonly protocol: 'GRPC' | 'HTTP';
    readonly backendRef: BackendObjectRef;
    readonly path?: string;
    readonly allowedHeaders?: readonly string[];
    readonly allowedResponseHeaders?: readonly string[];
    readonly forwardBodyBytes?: number;
  };
  readonly authorization?: {
    readonly defaultAction?: 'Allow' | 'Deny';
    readonly rules?: readonly (Omit<AuthorizationRule, 'name' | 'clientCidrs'> & {
      readonly name?: string;
      readonly clientCIDRs?: readonly string[];
    })[];
  };
}

/** Whose tokens are good. */
export interface JwtProviderSpec extends Omit<JwtProvider, 'keys'> {
  readonly localJWKS?: { readonly inline?: string; readonly configMapRef?: ObjectRef };
  readonly remoteJWKS?: {
    readonly uri: string;
    readonly backendRef?: BackendObjectRef;
    readonly cacheDuration?: string;
  };
}
