/**
 * How a request gets to its backend, and the reply to the client.
 *
 * - `snat`: the node puts its own address in the client's place; replies come back through it. The backend does not see the client.
 * - `dsr-ipip`: the request travels in an outer IP header to the backend's address, untouched; the backend's node takes it out,
 *   and replies straight to the client. No IP option, no other byte.
 * - `dsr-ipopt`: the request is rewritten, and an IP option (in IPv6 an extension header) says what it was, in Cilium's layout.
 * - `dsr-geneve`: the rewritten request travels to the backend's node in Geneve, of which an option says what it was.
 */
export type Mode = 'snat' | 'dsr-ipip' | 'dsr-ipopt' | 'dsr-geneve';

/** Of the transport protocols, those that are balanced. */
export type TransportProtocol = 'TCP' | 'UDP';

/** How a new flow gets its backend: by a table that all nodes have alike, or by chance. */
export type Algorithm = 'maglev' | 'random';

/** Where a frontend's requests go. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  /** The node that it is on. */
  readonly node?: string;
  /** An address of that node, of the backend's family if it has one: where Geneve goes. */
  readonly nodeAddress?: string;
  /** It is on this node. */
  readonly isLocal: boolean;
  /** It gets no new flows, and keeps those it has. */
  readonly isTerminating: boolean;
  /**
   * The backend's address and the frontend's port do not tell its port, since another backend of the frontend has the same
   * address: a packet to it must carry the port.
   */
  readonly carriesPort: boolean;
}

/** An address and port at which requests are taken, and what becomes of them. */
export interface Frontend {
  /** `NAMESPACE/SERVICE:PORT`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
  /** Where it is reached from: a cluster IP from inside, all others from outside as well. */
  readonly from: 'internal' | 'external';
  readonly mode: Mode;
  readonly algorithm: Algorithm;
  /** For clients outside of the cluster; of a cluster IP for all. */
  readonly backends: readonly Backend[];
  /** For pods and nodes, where they are others: a policy `Local` for what comes from outside does not hold for them. */
  readonly insideBackends?: readonly Backend[];
  /** Backends on this node that other nodes may choose, and this one does not: what they send is taken. */
  readonly forOthers?: readonly Backend[];
  /** It is a node port: other nodes have it at their own addresses, and what they send is taken as well. */
  readonly isNodePort?: boolean;
  /** What becomes of a request when there is no backend: an answer that nobody listens, or none, if others have some. */
  readonly whenEmpty: 'reject' | 'drop';
  /** How long a client keeps its backend, counted from its last new flow; absent: not at all. */
  readonly affinitySeconds?: number;
  /** Only clients of these ranges (CIDRs) are let in; the others' packets are dropped. */
  readonly sourceRanges?: readonly string[];
}

/** What a node's datapath is to do: all of it, as plain data. */
export interface DatapathConfig {
  readonly frontends: readonly Frontend[];
}
