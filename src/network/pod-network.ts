/**
 * How pods have addresses.
 *
 * - `namespaces`: a network namespace each, with an address of its own that is as good as on any cluster.
 * - `loopback`: real addresses in the namespace of this process; each pod's processes listen on the pod's address alone.
 * - `virtual`: addresses which only the API knows; processes listen on private ports of 127.0.0.1.
 */
export type NetworkMode = 'namespaces' | 'loopback' | 'virtual';

/** A transport protocol, as ports of containers and services have it. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** A port of a container, and how a process is told where it is to listen instead. */
export interface PodPort {
  readonly containerPort: number;
  readonly name?: string;
  /** `TCP` by default. */
  readonly protocol?: Protocol;
  /** The port on the node's address, if it has one. */
  readonly hostPort?: number;
  readonly hostIP?: string;
  /** The variable by which the process learns on which port to listen, if it can be told at all. */
  readonly variable?: string;
}

/** What a pod says of its names and of whom it asks for those of others; as in `spec`. */
export interface PodNames {
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly setHostnameAsFQDN?: boolean;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
  readonly dnsPolicy?: string;
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[];
    readonly searches?: readonly string[];
    readonly options?: readonly { readonly name?: string; readonly value?: string }[];
  };
}

/** A pod that is to have an address. */
export interface AttachRequest {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly hostNetwork: boolean;
  /** Of all its containers. */
  readonly ports: readonly PodPort[];
  /** Its `spec`, of which /etc/hosts and /etc/resolv.conf are made where the mode has them. */
  readonly spec?: PodNames;
  /** The variable by which processes learn on which address to listen, if they can be told at all. */
  readonly addressVariable?: string;
}

/** A transport address that this process can connect to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A pod's address, from before its first process until after its last. */
export interface PodAttachment {
  /** `status.podIPs`, the first of which is `status.podIP`. */
  readonly ips: readonly string[];
  /**
   * The command that runs `argv` in the pod's network, with its /etc/hosts and /etc/resolv.conf where the mode has them.
   * The working folder, the environment and the process id are those of the command that is started.
   */
  within(argv: readonly string[]): readonly string[];
  /** Whether what runs `within` may make mount namespaces, and so put volumes at any path. */
  readonly mayMount: boolean;
  /**
   * What processes are told beside the pod's own environment, which comes after it: `POD_IP`; where they must not listen on
   * all addresses, `NEKUBE_LISTEN_ADDRESS`; for a port that is elsewhere, `NEKUBE_PORT_` with its number, and its variable.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Where this process reaches a TCP port of the pod: for probes, port-forward and hooks. */
  dial(port: number): Promise<Endpoint>;
  /** Gives the address back, after the pod's last process ended; a second time it does nothing. */
  release(): Promise<void>;
}

/** Who is told of pods' devices. */
export interface PodDeviceWatcher {
  /** A pod of that node has one, and no process yet. */
  added(device: string, node: string): void;
  /** It is gone. */
  removed(device: string): void;
}

/** The devices of pods on the machine's side, which are ports of one bridge. */
export interface PodDevices {
  readonly bridge: string;
  /** The range of all pods. */
  readonly range: string;
  /** Tells of those that are there, and of each that comes and goes, until what it gives is called. */
  watch(watcher: PodDeviceWatcher): () => void;
}

/** The network of all nodes of this process. */
export interface PodNetwork {
  readonly mode: NetworkMode;
  /** Why this mode, in the words of a line that a user reads: `as root`, `no CAP_NET_ADMIN …`. */
  readonly reason: string;
  /** The range of addresses of a node's pods, `spec.podCIDR`; a node has its range from the first question on. */
  podRange(node: string): string;
  /** The address of a node, its `InternalIP`, on which this process can listen. */
  nodeAddress(node: string): string;
  /** The address of a node that somebody asked for. */
  knownNodeAddress(node: string): string | undefined;
  /** On which node the pod of an address is; undefined if it is no pod's, or nobody can tell pods apart. */
  nodeOf(ip: string): string | undefined;
  /** Gives a pod its address; made once a sandbox, before its first process. */
  attach(pod: AttachRequest): Promise<PodAttachment>;
  /** Where this process reaches a port of an address that stands in the API, also one of no pod of ours. */
  reach(ip: string, port: number, protocol?: Protocol): Endpoint;
  /** The range of addresses that load balancers have, on which this process can listen. */
  readonly loadBalancerRange: string;
  /** Where processes reach an address of a service, also before anything listens there. */
  serviceEndpoint(ip: string, port: number): Promise<Endpoint>;
  /** Where this process listens for an address of a service: there, or on a private port. */
  placeOfService(frontend: { readonly ip: string; readonly port: number }): Promise<Endpoint>;
  /** Nothing listens there any more. */
  giveServicePlaceBack(frontend: { readonly ip: string; readonly port: number }, place: Endpoint): Promise<void>;
  /** Where pods have devices. */
  readonly devices?: PodDevices;
  /** Everything made is gone; attachments that were not released are. */
  close(): Promise<void>;
}

/** Who a pod is, as errors name it. */
export function podName({ namespace, name }: Pick<AttachRequest, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
