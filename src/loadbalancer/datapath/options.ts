import type { Family } from '../maps/address.ts';

/** What a node's programs are made for. They are made anew, and replaced, when it changes. */
export interface DatapathOptions {
  /** The address that stands for clients with SNAT, and where tunnels come from; a family without one has neither. */
  readonly nodeAddresses: Readonly<Partial<Record<Family, string>>>;
  /** Of packets that leave, in bytes without Ethernet's header. */
  readonly mtu: number;
  /** The ports that stand for clients with SNAT; this machine's own connections must have others. */
  readonly snatPorts: { readonly first: number; readonly count: number };
  /** How long flows that are translated are remembered without a packet. Default: `DEFAULT_TIMEOUTS`. */
  readonly timeouts?: Partial<FlowTimeouts>;
  /** How many jiffies the kernel counts in a second, by which flows are timed. Default: 250. */
  readonly jiffiesPerSecond?: number;
  /** What stands for a pod that is its own Service's backend, to that pod: addresses that nobody else has. */
  readonly hairpinAddresses?: Readonly<Partial<Record<Family, string>>>;
  /**
   * The number of a bridge that joins the pods of ranges, where there is one: packets from one to another leave by it, and are not
   * routed. All else is.
   */
  readonly podBridge?: { readonly device: number; readonly ranges: readonly string[] };
  readonly outer?: OuterOptions;
  /** Default: UDP to port 6081, of the network 2. */
  readonly geneve?: { readonly port?: number; readonly vni?: number };
  /** Whether a packet that is rewritten and sent on loses a hop. Default: it does. */
  readonly hops?: 'lower' | 'keep';
  /** What errors that clients are told have within: the packet's headers, or as much of it as they may. Default: headers. */
  readonly quote?: 'headers' | 'packet';
  /**
   * Whether pods offer clients no larger segments of TCP than fit with what a Service's mode adds to them, so that nobody must be told of
   * sizes. Default: they offer what they would, and clients are told.
   */
  readonly clampsSegments?: boolean;
  /** All packets go there, by the device that they came from. Default: as the kernel's routes say. */
  readonly nextHop?: NextHop;
}

/** After how many seconds without a packet a flow's port may be another's, by how far the flow is. */
export interface FlowTimeouts {
  /** Nothing but a SYN has come. */
  readonly tcpOpening: number;
  readonly tcpEstablished: number;
  /** One of both has ended. */
  readonly tcpClosing: number;
  /** Both have ended, or one has reset it. */
  readonly tcpClosed: number;
  /** What the client has sent was answered. */
  readonly udp: number;
  readonly udpUnanswered: number;
}

/** Those of the kernel's connection tracking as kube-proxy sets them; but what is over is soon so, for its port is needed. */
export const DEFAULT_TIMEOUTS: FlowTimeouts = {
  tcpOpening: 60,
  tcpEstablished: 86_400,
  tcpClosing: 120,
  tcpClosed: 10,
  udp: 120,
  udpUnanswered: 30,
};

/** How outer headers are written, where it is not as usual. */
export interface OuterOptions {
  /** Where tunnels of IPIP come from, of each family. Default: this node. */
  readonly sources?: Readonly<Partial<Record<Family, OuterSource>>>;
  /** Default: 64. */
  readonly ttl?: number;
  /** Type of service, in IPv6 traffic class. Default: that of the packet within. */
  readonly tos?: number;
  /** Of IPv6: the flow's label. Default: that of the packet within, if it is of IPv6. */
  readonly flowLabel?: number;
  /** Of IPv4: the identification. Default: with IPIP the backend's port, with Geneve 0. */
  readonly id?: 'port' | number;
  /** Of IPv4: the packet must not be cut into pieces. Default: it must not. */
  readonly dontFragment?: boolean;
}

/**
 * How the source of a tunnel is mixed from the client's address and port, so that machines take tunnels by several queues.
 *
 * - `spread`: of the prefix, and the rest of a hash; with IPv6 the last 16 bits are the backend's port.
 * - `hash32`: as Cilium does it, of the prefix and of each word of the client's address a hash.
 * - `katran`: as katran does it, of 172.16.0.0/16 or of 0100::/96.
 */
export type OuterSource =
  | { readonly formula: 'spread' | 'hash32'; readonly prefix: string }
  | { readonly formula: 'katran' };

/** A machine on the same network, by addresses of hardware of six bytes. */
export interface NextHop {
  /** Of this node's device. Default: to which the packet was sent. */
  readonly source?: readonly number[];
  readonly destination: readonly number[];
}

/** What stands for a pod to itself where nothing is said. */
export const HAIRPIN_ADDRESSES = { 4: '169.254.42.1', 6: 'fd6e:6b75:6265::1' } as const;

/** What counts where nothing is said. The ports are behind those that Linux gives to connections of its own. */
export const DEFAULT_DATAPATH = { mtu: 1500, snatPorts: { first: 61_000, count: 4536 } } as const;
