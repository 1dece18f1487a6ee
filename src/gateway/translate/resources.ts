import type { LabelSelectorObject } from 'nekube/apimachinery';
import type { ParentReference } from '../statuses/index.ts';

/*
 * What a translation reads of objects. Every field may be absent: what validation of the API asks for is not relied on, since
 * files and older definitions have not been through it.
 */

/** What every object has. */
export interface Resource {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
}

/** Of it only what decides something. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A reference to an object; group, kind and namespace have defaults by where it stands. */
export interface ObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Where requests go. */
export interface BackendReference extends ObjectReference {
  readonly port?: number;
}

/** A class of gateways. */
export interface GatewayClass extends Resource {
  readonly spec?: { readonly controllerName?: string; readonly parametersRef?: ObjectReference };
}

/** A gateway. */
export interface Gateway extends Resource {
  readonly spec?: {
    readonly gatewayClassName?: string;
    readonly listeners?: readonly ListenerSpec[];
    readonly addresses?: readonly { readonly type?: string; readonly value?: string; readonly routability?: string }[];
    readonly infrastructure?: { readonly parametersRef?: ObjectReference };
    readonly allowedListeners?: { readonly namespaces?: FromNamespaces };
    readonly tls?: {
      readonly backend?: { readonly clientCertificateRef?: ObjectReference };
      readonly frontend?: {
        readonly default?: FrontendTls;
        readonly perPort?: readonly { readonly port: number; readonly tls?: FrontendTls }[];
      };
    };
    readonly defaultScope?: string;
  };
}

/** Which namespaces something may come from. */
export interface FromNamespaces {
  readonly from?: string;
  readonly selector?: LabelSelectorObject;
}

/** What clients must show. */
export interface FrontendTls {
  readonly validation?: { readonly caCertificateRefs?: readonly ObjectReference[]; readonly mode?: string };
}

/** A listener of a Gateway or ListenerSet. */
export interface ListenerSpec {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: {
    readonly mode?: string;
    readonly certificateRefs?: readonly ObjectReference[];
    readonly options?: Readonly<Record<string, string>>;
  };
  readonly allowedRoutes?: {
    readonly namespaces?: FromNamespaces;
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
  readonly filters?: { readonly requests?: readonly ListenerFilterSpec[] };
}

/** What happens to requests before a route is chosen. */
export interface ListenerFilterSpec {
  readonly type?: string;
  readonly externalAuth?: ExternalAuthSpec;
  readonly extensionRef?: ObjectReference;
}

/** More listeners for a Gateway. */
export interface ListenerSet extends Resource {
  readonly spec?: { readonly parentRef?: ObjectReference; readonly listeners?: readonly ListenerSpec[] };
}

/** What routes of all kinds have. */
export interface Route extends Resource {
  readonly spec?: {
    readonly parentRefs?: readonly ParentReference[];
    readonly hostnames?: readonly string[];
    readonly useDefaultGateways?: string;
  };
}

/** A route of HTTP. */
export interface HTTPRoute extends Route {
  readonly spec?: Route['spec'] & { readonly rules?: readonly HTTPRouteRule[] };
}

/** A rule of it. */
export interface HTTPRouteRule {
  readonly name?: string;
  readonly matches?: readonly HTTPRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly HTTPBackendRef[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
  readonly retry?: { readonly codes?: readonly number[]; readonly attempts?: number; readonly backoff?: string };
  readonly sessionPersistence?: SessionPersistenceSpec;
}

/** A match of it. */
export interface HTTPRouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly ValueMatchSpec[];
  readonly queryParams?: readonly ValueMatchSpec[];
  readonly method?: string;
}

/** What a header or parameter must be. */
export interface ValueMatchSpec {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

/** A backend with weight and filters of its own. */
export interface HTTPBackendRef extends BackendReference {
  readonly weight?: number;
  readonly filters?: readonly RouteFilter[];
}

/** A filter of a route of HTTP or gRPC. */
export interface RouteFilter {
  readonly type?: string;
  readonly requestHeaderModifier?: HeaderFilter;
  readonly responseHeaderModifier?: HeaderFilter;
  readonly requestMirror?: MirrorFilter;
  readonly requestRedirect?: {
    readonly scheme?: string;
    readonly hostname?: string;
    readonly path?: PathModifier;
    readonly port?: number;
    readonly statusCode?: number;
  };
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
  readonly cors?: CorsFilterSpec;
  readonly externalAuth?: ExternalAuthSpec;
  readonly extensionRef?: ObjectReference;
}

/** Changes of headers. */
export interface HeaderFilter {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** A mirror. */
export interface MirrorFilter {
  readonly backendRef?: BackendReference;
  readonly percent?: number;
  readonly fraction?: { readonly numerator?: number; readonly denominator?: number };
}

/** A change of the path. */
export interface PathModifier {
  readonly type?: string;
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

/** CORS. */
export interface CorsFilterSpec {
  readonly allowOrigins?: readonly string[];
  readonly allowCredentials?: boolean;
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

/** External authorization. */
export interface ExternalAuthSpec {
  readonly protocol?: string;
  readonly backendRef?: BackendReference;
  readonly grpc?: { readonly allowedHeaders?: readonly string[] };
  readonly http?: {
    readonly path?: string;
    readonly allowedHeaders?: readonly string[];
    readonly allowedResponseHeaders?: readonly string[];
  };
  readonly forwardBody?: { readonly maxSize?: number };
}

/** Session persistence. */
export interface SessionPersistenceSpec {
  readonly type?: string;
  readonly absoluteTimeout?: string;
  readonly cookie?: { readonly name?: string; readonly path?: string; readonly lifetimeType?: string };
  readonly header?: { readonly name?: string };
  /** As older definitions had it. */
  readonly sessionName?: string;
}

/** A route of gRPC. */
export interface GRPCRoute extends Route {
  readonly spec?: Route['spec'] & { readonly rules?: readonly GRPCRouteRule[] };
}

/** A rule of it. */
export interface GRPCRouteRule {
  readonly name?: string;
  readonly matches?: readonly GRPCRouteMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly HTTPBackendRef[];
  readonly sessionPersistence?: SessionPersistenceSpec;
}

/** A match of it. */
export interface GRPCRouteMatch {
  readonly method?: { readonly type?: string; readonly service?: string; readonly method?: string };
  readonly headers?: readonly ValueMatchSpec[];
}

/** A route of TLS, TCP or UDP. */
export interface StreamRoute extends Route {
  readonly spec?: Route['spec'] & {
    readonly rules?: readonly { readonly name?: string; readonly backendRefs?: readonly HTTPBackendRef[] }[];
  };
}

/** What may refer across namespaces. */
export interface ReferenceGrant extends Resource {
  readonly spec?: {
    readonly from?: readonly { readonly group?: string; readonly kind: string; readonly namespace: string }[];
    readonly to?: readonly { readonly group?: string; readonly kind: string; readonly name?: string }[];
  };
}

/** How backends prove who they are. */
export interface BackendTLSPolicy extends Resource {
  readonly spec?: {
    readonly targetRefs?: readonly (ObjectReference & { readonly sectionName?: string })[];
    readonly validation?: TlsValidation;
    readonly options?: Readonly<Record<string, string>>;
  };
}

/** Whom to trust, and who it must be. */
export interface TlsValidation {
  readonly caCertificateRefs?: readonly ObjectReference[];
  readonly wellKnownCACertificates?: string;
  readonly hostname?: string;
  readonly subjectAltNames?: readonly { readonly type?: string; readonly hostname?: string; readonly uri?: string }[];
}

/** A backend that is no Service. */
export interface XBackend extends Resource {
  readonly spec?: {
    readonly type?: string;
    readonly port?: { readonly number?: number };
    readonly externalHostname?: { readonly hostname?: string };
    readonly endpointSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly sessionPersistence?: SessionPersistenceSpec;
    readonly protocol?: string;
    readonly tls?: {
      readonly mode?: string;
      readonly clientCertificateRef?: ObjectReference;
      readonly validation?: TlsValidation;
    };
  };
}

/** How traffic goes to a backend. */
export interface XBackendTrafficPolicy extends Resource {
  readonly spec?: {
    readonly targetRefs?: readonly ObjectReference[];
    readonly retryConstraint?: {
      readonly budget?: { readonly percent?: number; readonly interval?: string };
      readonly minRetryRate?: { readonly count?: number; readonly interval?: string };
    };
    readonly sessionPersistence?: SessionPersistenceSpec;
  };
}

/** What is told of the requests of gateways. */
export interface XTelemetryPolicy extends Resource {
  readonly spec?: {
    readonly targetRefs?: readonly ObjectReference[];
    readonly tracing?: {
      readonly mode?: string;
      readonly provider?: {
        readonly backendRef?: BackendReference;
        readonly headers?: readonly { readonly name: string; readonly value: string }[];
      };
      readonly samplingRate?: { readonly numerator?: number; readonly denominator?: number };
      readonly parentBasedSampling?: {
        readonly mode?: string;
        readonly samplingRate?: { readonly numerator?: number; readonly denominator?: number };
      };
      readonly serviceName?: string;
      readonly spanName?: string;
      readonly attributes?: readonly TelemetryAttribute[];
    };
  };
}

/** What spans tell beside. */
export interface TelemetryAttribute {
  readonly name: string;
  readonly sourceType?: string;
  readonly headerName?: string;
  readonly literalValue?: string;
  readonly attributeKey?: string;
}

/** A Service. */
export interface Service extends Resource {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilies?: readonly string[];
    readonly ports?: readonly ServicePort[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** A port of it. */
export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** Endpoints of a Service. */
export interface EndpointSlice extends Resource {
  readonly addressType?: string;
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
    readonly zone?: string;
  }[];
}

/** A Secret; its data is base64. */
export interface Secret extends Resource {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** A ConfigMap. */
export interface ConfigMap extends Resource {
  readonly data?: Readonly<Record<string, string>>;
}

/** A bundle of certificates for the whole cluster. */
export interface ClusterTrustBundle extends Resource {
  readonly spec?: { readonly trustBundle?: string };
}
