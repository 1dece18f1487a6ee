/**
 * The routing model: what gateways serve, as plain data between Gateway API and data planes.
 *
 * **What did not change is the same object.** A translation after a change shares with the one before all that the change is
 * not about, so who follows a model compares by identity, and can keep by it what was made of a part (a `WeakMap`). Nothing of
 * a model is ever changed; lists that have no order of their own are sorted, so equal resources give equal models.
 *
 * Names are unique among their kind in a model, say where a thing comes from, and stay as long as it is the same thing.
 */
export type { GatewayModel, GatewayConfig, Listener, FilterChain } from './model.ts';
export type {
  BackendFilters,
  CorsFilter,
  DirectResponse,
  ExternalAuth,
  Forward,
  Fraction,
  HeaderChange,
  HttpAction,
  HttpMatch,
  HttpRoute,
  HttpRouting,
  Mirror,
  NamedValue,
  PathMatch,
  Redirect,
  Retry,
  Rewrite,
  SessionPersistence,
  ValueMatch,
  VirtualHost,
  WeightedBackend,
} from './http.ts';
export type { StreamForward } from './stream.ts';
export type { Backend, BackendProtocol, Endpoint, Endpoints, UpstreamTls } from './backend.ts';
export type { ClientValidation, DownstreamTls, Secret, SecretName } from './tls.ts';
export type { PrivateText } from './private-text.ts';
export type { Source } from './source.ts';
export type {
  AccessLog,
  ApiKeyAuthentication,
  AuthorizationRule,
  BackendSettings,
  BasicAuthentication,
  ClientSettings,
  Fault,
  HealthCheck,
  Http2Settings,
  JwtAuthentication,
  JwtProvider,
  LoadBalancing,
  OutlierDetection,
  RetryBudget,
  RateLimit,
  RouteSettings,
  TcpKeepalive,
  Tracing,
} from './settings.ts';
export type { DataPlane, GatewayState, PlaneState, Refusal, Unsupported } from './data-plane.ts';
