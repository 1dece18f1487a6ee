import type { Message } from 'nekube/xds';

type Bootstrap = Message<'envoy.config.bootstrap.v3.Bootstrap'>;

/** What is in a bootstrap. */
export interface BootstrapOptions {
  /** By which an Envoy is known, also after it or we were started again. */
  readonly nodeId: string;
  /** The socket where resources are served. */
  readonly xdsSocket: string;
  /** The socket on which Envoy itself listens for its administrator. */
  readonly adminSocket: string;
}

/** The cluster of our own process; also the authority that is asked, so it has no slash. */
const XDS_CLUSTER = 'nekube-xds';

/** Of all types of resources. */
const OVER_ADS = { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' } as const;

/**
 * What Envoy knows when it starts: where to ask. Both sockets are files in a folder that is its user's alone, so that nobody
 * else can ask or be asked, without keys that would have to be kept and renewed; and they are where they were when one side
 * is started again, so that the other finds it.
 */
export function bootstrap({ nodeId, xdsSocket, adminSocket }: BootstrapOptions): Bootstrap {
  return {
    node: { id: nodeId, cluster: 'nekube' },
    admin: { address: { pipe: { path: adminSocket, mode: 0o600 } } },
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: XDS_CLUSTER, retry_policy: SOON_AGAIN } }],
      },
      lds_config: OVER_ADS,
      cds_config: OVER_ADS,
    },
    static_resources: { clusters: [xdsCluster(xdsSocket)] },
    layered_runtime: { layers: [RUNTIME_LAYER, { name: 'admin', admin_layer: {} }] },
  };
}

/** Without this an Envoy waits for up to 30 seconds before it looks for us again. */
const SOON_AGAIN = { retry_back_off: { base_interval: '0.1s', max_interval: '1s' } } as const;

/** For Envoys that serve, and those that are only asked: expressions may be as large as it takes, since who may write routes may also write many of them. */
export const RUNTIME_LAYER = {
  name: 'nekube',
  static_layer: { 're2.max_program_size.error_level': 4_294_967_295, 're2.max_program_size.warn_level': 1000 },
} as const;

function xdsCluster(path: string): Message<'envoy.config.cluster.v3.Cluster'> {
  return {
    name: XDS_CLUSTER,
    type: 'STATIC',
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: XDS_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path } } } }] }],
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: {
          http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '10s' } },
        },
      },
    },
  };
}
