import { anyOf, type Message } from 'nekube/xds';
import type { ClientSettings, DownstreamTls, FilterChain, GatewayConfig, Listener } from '../../model/index.ts';
import { placeText } from '../../model/bind-message.ts';
import { boundPort } from '../../model/port-owners.ts';
import { connectionManager } from './http/connection-manager.ts';
import {
  type Extension,
  type FilterChain as EnvoyFilterChain,
  type Listener as EnvoyListener,
  socketAddress,
} from './messages.ts';
import { tcpProxy } from './stream/tcp-proxy.ts';
import { udpProxy } from './stream/udp-proxy.ts';
import { downstreamTls } from './tls/downstream-tls.ts';

type Match = Message<'envoy.config.listener.v3.FilterChainMatch'>;

/** A listener of Envoy: where, and how it is called. */
export interface Binding {
  /**
   * By its address, so that a gateway that takes over the address of another changes a listener, and does not ask for a port
   * that is not free yet.
   */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly kind: 'tcp' | 'udp' | 'quic';
}

/** What two bindings cannot both have. */
export function placeOf({ address, port, kind }: Binding): string {
  const where = placeText(address, port);
  return kind === 'tcp' ? where : `${where}/udp`;
}

/**
 * Where a listener of a gateway is bound: at each address, and where HTTP/3 is spoken also at the same port of UDP.
 *
 * @param anyAddress what is bound where the gateway has no address
 */
export function bindingsOf(listener: Listener, { addresses }: GatewayConfig, anyAddress: string): readonly Binding[] {
  const { transport, settings, chains } = listener;
  const port = boundPort(listener);
  const isQuic = settings?.http3 === true && chains.some(({ tls, http }) => tls && http);
  const kinds: Binding['kind'][] = transport === 'UDP' ? ['udp'] : isQuic ? ['tcp', 'quic'] : ['tcp'];
  return (addresses.length > 0 ? addresses : [anyAddress]).flatMap((address) =>
    kinds.map((kind) => {
      const where = placeText(address, port);
      return { name: kind === 'tcp' ? where : `${where}/${kind}`, address, port, kind };
    }),
  );
}

/** Envoy's listeners of one of a gateway, one for each binding. */
export function listenersOf(listener: Listener, bindings: readonly Binding[]): readonly EnvoyListener[] {
  const of = { tcp: tcpListener, udp: udpListener, quic: quicListener };
  return bindings.map((binding) => of[binding.kind](listener, binding));
}

function tcpListener(listener: Listener, binding: Binding): EnvoyListener {
  const { chains, settings } = listener;
  return {
    ...bound(binding),
    ...listenerFilters(listener),
    filter_chains: chains.map((chain) => filterChain(chain, listener)),
    per_connection_buffer_limit_bytes: settings?.bufferBytes ?? 32_768,
    ...(settings?.tcpKeepalive && { socket_options: keepaliveOptions(settings.tcpKeepalive) }),
  };
}

function bound({ name, address, port, kind }: Binding): EnvoyListener {
  const { socket_address } = socketAddress(address, port, kind === 'tcp' ? undefined : 'UDP');
  return { name, address: { socket_address: { ...socket_address, ...(address === '::' && { ipv4_compat: true }) } } };
}

/** The server name is looked for where it tells chains apart; a line of the PROXY protocol comes before everything. */
function listenerFilters({ chains, settings }: Listener): EnvoyListener {
  const filters: Extension[] = [];
  if (settings?.proxyProtocol) {
    const config = { allow_requests_without_proxy_protocol: settings.proxyProtocol === 'Optional' };
    const typed = anyOf('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', config);
    filters.push({ name: 'envoy.filters.listener.proxy_protocol', typed_config: typed });
  }
  if (chains.some(({ serverNames, tls }) => serverNames || tls)) {
    const typed = anyOf('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {});
    filters.push({ name: 'envoy.filters.listener.tls_inspector', typed_config: typed });
  }
  return filters.length > 0 ? { listener_filters: filters } : {};
}

function filterChain(chain: FilterChain, listener: Listener): EnvoyFilterChain {
  const { serverNames, tls } = chain;
  const match: Match = serverNames ? { server_names: serverNames, transport_protocol: 'tls' } : {};
  return {
    name: chain.name,
    ...(serverNames && { filter_chain_match: match }),
    filters: [...connectionLimit(listener.settings, chain.name), ...networkFilters(chain, listener)],
    ...(tls && { transport_socket: tlsSocket(tls, chain) }),
  };
}

function networkFilters({ http, stream, tls }: FilterChain, { name, port, settings }: Listener): Extension[] {
  const altSvc = settings?.http3 && tls ? { altSvc: `h3=":${port}"; ma=86400` } : {};
  if (http) return [connectionManager(http, { listener: name, ...altSvc }, settings)];
  return stream ? [tcpProxy(stream, settings)] : [];
}

function tlsSocket(tls: DownstreamTls, { http }: FilterChain): Extension {
  const config = downstreamTls(tls, http ? ['h2', 'http/1.1'] : []);
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: anyOf('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', config),
  };
}

function connectionLimit(settings: ClientSettings | undefined, name: string): Extension[] {
  const limit = settings?.connectionLimit;
  if (limit === undefined) return [];
  const config = anyOf('envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit', {
    stat_prefix: name,
    max_connections: limit.connections,
    ...(limit.closeDelayMs !== undefined && { delay: `${limit.closeDelayMs / 1000}s` as const }),
  });
  return [{ name: 'envoy.filters.network.connection_limit', typed_config: config }];
}

const [SOL_SOCKET, SO_KEEPALIVE, IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT] = [1, 9, 6, 4, 5, 6];

function keepaliveOptions({ probes, idleMs, intervalMs }: NonNullable<ClientSettings['tcpKeepalive']>) {
  const option = (level: number, name: number, value: number) => ({
    level,
    name,
    int_value: value,
    state: 'STATE_PREBIND' as const,
  });
  return [
    option(SOL_SOCKET, SO_KEEPALIVE, 1),
    ...(probes === undefined ? [] : [option(IPPROTO_TCP, TCP_KEEPCNT, probes)]),
    ...(idleMs === undefined ? [] : [option(IPPROTO_TCP, TCP_KEEPIDLE, Math.ceil(idleMs / 1000))]),
    ...(intervalMs === undefined ? [] : [option(IPPROTO_TCP, TCP_KEEPINTVL, Math.ceil(intervalMs / 1000))]),
  ];
}

function udpListener({ chains }: Listener, binding: Binding): EnvoyListener {
  const stream = chains.find((chain) => chain.stream)?.stream;
  return { ...bound(binding), udp_listener_config: {}, ...(stream && { listener_filters: [udpProxy(stream)] }) };
}

/** Of the chains that terminate TLS for HTTP. */
function quicListener(listener: Listener, binding: Binding): EnvoyListener {
  return {
    ...bound(binding),
    udp_listener_config: { quic_options: {}, downstream_socket_config: { prefer_gro: true } },
    filter_chains: listener.chains.filter(({ tls, http }) => tls && http).map((chain) => quicChain(chain, listener)),
  };
}

function quicChain({ name, serverNames, tls, http }: FilterChain, listener: Listener): EnvoyFilterChain {
  const socket = tls && {
    name: 'envoy.transport_sockets.quic',
    typed_config: anyOf('envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport', {
      downstream_tls_context: downstreamTls({ ...tls, alpn: ['h3'] }, []),
    }),
  };
  return {
    name,
    ...(serverNames && { filter_chain_match: { server_names: serverNames } }),
    filters: http ? [connectionManager(http, { listener: listener.name, isQuic: true }, listener.settings)] : [],
    ...(socket && { transport_socket: socket }),
  };
}
