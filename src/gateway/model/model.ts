import type { Backend, Endpoints } from './backend.ts';
import type { HttpRouting } from './http.ts';
import type { ClientSettings } from './settings.ts';
import type { Source } from './source.ts';
import type { StreamForward } from './stream.ts';
import type { DownstreamTls, Secret, SecretName } from './tls.ts';

/** All that a data plane serves. */
export interface GatewayModel {
  /** Sorted by key. */
  readonly gateways: readonly GatewayConfig[];
  /** By name; exactly those that the gateways refer to. */
  readonly backends: ReadonlyMap<string, Backend>;
  /** By name; exactly those that the backends refer to, also where there is no endpoint. */
  readonly endpoints: ReadonlyMap<string, Endpoints>;
  /** By name; exactly those that chains and backends refer to. */
  readonly secrets: ReadonlyMap<SecretName, Secret>;
}

/** What one Gateway serves. */
export interface GatewayConfig {
  /** `NAMESPACE/NAME`. */
  readonly key: string;
  readonly source: Source;
  /** When it was made, as its metadata say it: of two that ask for one port the older has it. Absent in files. */
  readonly created?: string;
  /** The addresses that its listeners bind; none: all of the machine. */
  readonly addresses: readonly string[];
  /** Sorted by port, then transport: no two have both the same. */
  readonly listeners: readonly Listener[];
}

/** A port of a gateway, with all listeners of Gateway and ListenerSets that share it. */
export interface Listener {
  /** `NAMESPACE/GATEWAY/PORT`, with `/udp` behind it for UDP. */
  readonly name: string;
  readonly port: number;
  /** Where it is bound, if that is another port: what is before it, as a load balancer, brings there what comes to `port`. */
  readonly bindPort?: number;
  readonly transport: 'TCP' | 'UDP';
  /** The listeners of resources that are in it. */
  readonly sources: readonly Source[];
  /**
   * How connections are told apart. Server names stand in one chain only; one chain at most has none, and takes what is left
   * (also what is no TLS, if it terminates none). UDP has one chain, with `stream`.
   */
  readonly chains: readonly FilterChain[];
  readonly settings?: ClientSettings;
}

/** What happens to the connections of a listener that ask for one of some server names. Exactly one of `http` and `stream`. */
export interface FilterChain {
  /** The listener's name, and what tells chains apart behind it. */
  readonly name: string;
  readonly source: Source;
  /** By SNI: `shop.example` or `*.example`; absent: whatever is left. */
  readonly serverNames?: readonly string[];
  /** Absent with server names: TLS is passed through; absent without: plain text. */
  readonly tls?: DownstreamTls;
  readonly http?: HttpRouting;
  readonly stream?: StreamForward;
}
