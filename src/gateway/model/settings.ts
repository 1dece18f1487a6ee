/** What a client policy says of listeners. Absent: the data plane's own way, which is the same for all. */
export interface ClientSettings {
  readonly http1?: { readonly preserveHeaderCase?: boolean; readonly http10?: boolean };
  readonly http2?: { readonly maxConcurrentStreams?: number; readonly initialStreamWindowBytes?: number };
  /** Also over QUIC on the same port. */
  readonly http3?: boolean;
  /** A connection begins with a line of the PROXY protocol. */
  readonly proxyProtocol?: 'Required' | 'Optional';
  /** Of X-Forwarded-For, from the right: proxies before this one that are trusted. */
  readonly trustedHops?: number;
  readonly idleTimeoutMs?: number;
  readonly requestHeadersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxRequestHeadersBytes?: number;
  readonly connectionLimit?: number;
  readonly bufferLimitBytes?: number;
  readonly path?: {
    readonly mergeSlashes?: boolean;
    readonly escapedSlashes?: 'Keep' | 'Reject' | 'UnescapeAndForward' | 'UnescapeAndRedirect';
  };
}

/** What a backend policy says of a backend. */
export interface BackendSettings {
  readonly loadBalancing?:
    | { readonly type: 'RoundRobin' | 'LeastRequest' | 'Random' }
    | {
        readonly type: 'ConsistentHash';
        readonly by: 'SourceIP' | { readonly header: string } | { readonly cookie: string };
      };
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly circuitBreaker?: {
    readonly maxConnections?: number;
    readonly maxPendingRequests?: number;
    readonly maxRequests?: number;
    readonly maxRetries?: number;
  };
  /** A line of the PROXY protocol is sent first. */
  readonly proxyProtocol?: 'V1' | 'V2';
}

/** What policies say of a route. */
export interface RouteSettings {
  /** Each data plane counts for itself. */
  readonly localRateLimit?: { readonly requests: number; readonly perMs: number };
}
