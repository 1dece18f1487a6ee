/** The same for Envoy, as a file that it starts with. */
export function envoyConfig(ports, routes) {
  const address = (port) => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  const typed = (name, config) => ({
    name,
    typed_config: { '@type': `type.googleapis.com/${config.type}`, ...config.of },
  });
  const cluster = (name) => ({
    name,
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(ports[name]) } }] }],
    },
  });
  const router = typed('envoy.filters.http.router', { type: 'envoy.extensions.filters.http.router.v3.Router', of: {} });
  const route = (i) => ({
    match: { path_separated_prefix: `/route-${i}` },
    route: { cluster: 'upstream', timeout: '0s' },
  });
  const manager = typed('envoy.filters.network.http_connection_manager', {
    type: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    of: {
      stat_prefix: 'http',
      use_remote_address: true,
      normalize_path: true,
      merge_slashes: true,
      http_filters: [router],
      route_config: {
        virtual_hosts: [{ name: 'all', domains: ['*'], routes: Array.from({ length: routes }, (_, i) => route(i)) }],
      },
    },
  });
  const tcp = typed('envoy.filters.network.tcp_proxy', {
    type: 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    of: { stat_prefix: 'tcp', cluster: 'echo' },
  });
  return {
    static_resources: {
      listeners: [
        { name: 'http', address: address(ports.http), filter_chains: [{ filters: [manager] }] },
        { name: 'tcp', address: address(ports.tcp), filter_chains: [{ filters: [tcp] }] },
      ],
      clusters: [cluster('upstream'), cluster('echo')],
    },
  };
}
