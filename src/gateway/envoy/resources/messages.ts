import type { Any, Duration, Message } from 'nekube/xds';

/** An extension: which, and how it is configured. */
export type Extension = { readonly name: string; readonly typed_config: Any };

/** What Envoy calls a backend. */
export type Cluster = Message<'envoy.config.cluster.v3.Cluster'>;
/** The endpoints of a cluster. */
export type ClusterLoadAssignment = Message<'envoy.config.endpoint.v3.ClusterLoadAssignment'>;
/** A port that is listened on. */
export type Listener = Message<'envoy.config.listener.v3.Listener'>;
/** What is done with some connections of a listener. */
export type FilterChain = Message<'envoy.config.listener.v3.FilterChain'>;
/** The virtual hosts of a connection manager. */
export type RouteConfiguration = Message<'envoy.config.route.v3.RouteConfiguration'>;
/** The routes of some domains. */
export type VirtualHost = Message<'envoy.config.route.v3.VirtualHost'>;
/** A match, and what becomes of its requests. */
export type Route = Message<'envoy.config.route.v3.Route'>;
/** Which requests a route is for. */
export type RouteMatch = Message<'envoy.config.route.v3.RouteMatch'>;
/** To which clusters requests go, and how. */
export type RouteAction = Message<'envoy.config.route.v3.RouteAction'>;
/** What a header must be. */
export type HeaderMatcher = Message<'envoy.config.route.v3.HeaderMatcher'>;
/** A certificate with its key, or whom to trust. */
export type Secret = Message<'envoy.extensions.transport_sockets.tls.v3.Secret'>;

/** Milliseconds, as durations are written. */
export function duration(ms: number): Duration {
  return `${ms / 1000}s` as Duration;
}

/** Resources of a type come by the stream that all come by. */
export const OVER_ADS = { ads: {}, resource_api_version: 'V3' } as const;

/** An address and port of TCP or UDP. */
export function socketAddress(
  address: string,
  port: number,
  protocol?: 'UDP',
): Message<'envoy.config.core.v3.Address'> {
  return { socket_address: { ...(protocol && { protocol }), address, port_value: port } };
}
