import type { RouteSettings } from './settings.ts';
import type { Source } from './source.ts';

/** Which backend an HTTP request goes to: the most specific virtual host of its authority, then the first route that matches. */
export interface HttpRouting {
  /** As the chain that it belongs to. */
  readonly name: string;
  /** No domain stands twice. A request of no virtual host is answered with 404. */
  readonly virtualHosts: readonly VirtualHost[];
}

/**
 * The routes of some domains. Isolation of listeners, intersections of hostnames and misdirected requests are already in here:
 * a listener whose hostname matches better has virtual hosts of its own, if need be without routes, or with one that answers 421.
 */
export interface VirtualHost {
  /** As `NAMESPACE/GATEWAY/PORT/DOMAIN`. */
  readonly name: string;
  /** `shop.example`, `*.example` (one label or more before it), or `*`; lower case, no port. An exact one wins, then the longest. */
  readonly domains: readonly string[];
  /** The listener. */
  readonly source: Source;
  /**
   * Asked in this order, of every request, before a route is chosen: what one refuses goes no further. What they add to a request
   * its route is chosen by, but its host stays as it came.
   */
  readonly externalAuths?: readonly ExternalAuth[];
  /** By precedence; the first that matches wins. If none does: 404. */
  readonly routes: readonly HttpRoute[];
}

/** One match of one rule, and what becomes of the request. */
export interface HttpRoute {
  /** As `httproute/NAMESPACE/NAME/rule/0/match/1`. */
  readonly name: string;
  readonly source: Source;
  readonly match: HttpMatch;
  /** Before the action. */
  readonly requestHeaders?: HeaderChange;
  /** Of whatever answer is given. */
  readonly responseHeaders?: HeaderChange;
  readonly cors?: CorsFilter;
  readonly externalAuth?: ExternalAuth;
  readonly mirrors?: readonly Mirror[];
  readonly action: HttpAction;
  /** What policies say of it. */
  readonly settings?: RouteSettings;
}

/** All of it must hold. */
export interface HttpMatch {
  readonly path: PathMatch;
  /** `POST`. */
  readonly method?: string;
  /** Names in lower case. */
  readonly headers: readonly ValueMatch[];
  readonly queryParams: readonly ValueMatch[];
  /** Only requests of gRPC (content type `application/grpc`). */
  readonly grpc?: true;
}

/** `PathPrefix` is by whole elements: `/a` matches `/a` and `/a/b`, not `/ab`; its value has no slash at the end, unless it is `/`. */
export interface PathMatch {
  readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression';
  /** An expression is RE2's, and must match the whole path. */
  readonly value: string;
}

/** Of a header or parameter of the query. */
export interface ValueMatch {
  readonly type: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
}

/** What is done with a request that a route got. */
export type HttpAction = Forward | Redirect | DirectResponse;

/** The request goes to one of the backends. */
export interface Forward {
  readonly type: 'forward';
  /** Chosen by weight; of none, or with no weight at all, the request is answered with 500. */
  readonly backends: readonly WeightedBackend[];
  readonly rewrite?: Rewrite;
  /** Of the whole exchange, retries included; 0 is no limit. The answer is then 504. */
  readonly requestTimeoutMs?: number;
  /** Of one attempt; 0 is no limit. */
  readonly backendTimeoutMs?: number;
  readonly retry?: Retry;
  readonly sessionPersistence?: SessionPersistence;
}

/** One choice of a forward. */
export interface WeightedBackend {
  readonly weight: number;
  /** The key of `GatewayModel.backends`; absent: `invalid` says why there is none. */
  readonly backend?: string;
  /** What cannot be reached by what the resources say: its share is answered with 500 (gRPC: UNAVAILABLE). */
  readonly invalid?: string;
  readonly source: Source;
  /** The filters of the backendRef. */
  readonly filters?: BackendFilters;
}

/** What happens only to the requests of one backendRef. */
export interface BackendFilters {
  readonly requestHeaders?: HeaderChange;
  readonly responseHeaders?: HeaderChange;
  readonly rewrite?: Rewrite;
  readonly mirrors?: readonly Mirror[];
  readonly cors?: CorsFilter;
  readonly externalAuth?: ExternalAuth;
  /** The client is sent elsewhere instead. */
  readonly redirect?: Redirect;
}

/** The client is sent elsewhere. */
export interface Redirect {
  readonly type: 'redirect';
  /** 301, 302, 303, 307 or 308. */
  readonly statusCode: number;
  readonly scheme?: 'http' | 'https';
  readonly hostname?: string;
  /**
   * Absent: the standard one of the scheme, which is not told to the client. What is that of the listener by Gateway API's rules the
   * translation has already decided.
   */
  readonly port?: number;
  readonly path?: Rewrite['path'];
}

/** An answer without a backend. */
export interface DirectResponse {
  readonly type: 'direct';
  readonly statusCode: number;
  readonly body?: string;
}

/** What a backend is asked instead of what the client asked. */
export interface Rewrite {
  /** The authority. */
  readonly hostname?: string;
  readonly path?:
    | { readonly type: 'ReplaceFullPath'; readonly value: string }
    /**
     * Instead of the prefix that `match.path` matched; that of a match without a path is `/`. No slash at its end, unless it is
     * `/`: with it, what is left of the path begins with one slash.
     */
    | { readonly type: 'ReplacePrefixMatch'; readonly value: string };
}

/** Headers, in this order: those of `remove` go, those of `set` replace, those of `add` come beside. */
export interface HeaderChange {
  readonly set?: readonly NamedValue[];
  readonly add?: readonly NamedValue[];
  readonly remove?: readonly string[];
}

/** A header. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** A copy of the request, whose answer nobody waits for. */
export interface Mirror {
  readonly backend: string;
  readonly source: Source;
  /** Absent: all. */
  readonly fraction?: Fraction;
}

/** `numerator` of `denominator`. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** What pages of other origins may do (the Fetch standard). */
export interface CorsFilter {
  /** `https://shop.example`, `https://*.shop.example` or `*`. */
  readonly allowOrigins: readonly string[];
  readonly allowCredentials?: boolean;
  /** Methods, or `*`. */
  readonly allowMethods: readonly string[];
  /** Names of headers, or `*`. */
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** Another service decides whether a request goes on. */
export interface ExternalAuth {
  readonly backend: string;
  readonly source: Source;
  readonly protocol: 'GRPC' | 'HTTP';
  /** Before the request's own path, with HTTP. */
  readonly path?: string;
  /** Headers of the request that it sees beside those it always does; absent with GRPC: all. */
  readonly allowedHeaders?: readonly string[];
  /** Headers of its answer that the backend sees, with HTTP. */
  readonly allowedResponseHeaders?: readonly string[];
  /** So much of the body is shown to it; 0 or absent: nothing. */
  readonly forwardBodyBytes?: number;
}

/** When a request is tried again. */
export interface Retry {
  /** Attempts after the first. */
  readonly attempts: number;
  readonly backoffMs?: number;
  /** Statuses after which it is tried again. */
  readonly codes: readonly number[];
  /** Also when the connection fails or is reset before an answer. */
  readonly connectionErrors: boolean;
  /** Also when `backendTimeoutMs` is over. */
  readonly backendTimeouts: boolean;
}

/** Requests of one session go to one endpoint. */
export interface SessionPersistence {
  readonly type: 'Cookie' | 'Header';
  readonly name: string;
  /** With cookies; absent: the cookie goes with the browser's session. */
  readonly absoluteTimeoutMs?: number;
  readonly path?: string;
}
