/** What programs can ask of the machine around them. */
export interface World {
  /** Nanoseconds since the start of the machine. */
  readonly now: () => bigint;
  /** 32 random bits. */
  readonly random: () => number;
  /** What the routes say of a packet. Without it `fib_lookup` finds no route. */
  readonly route?: (query: RouteQuery) => Route | undefined;
  /** The cookie of the socket that a program is run for. Default: 0, as where there is none. */
  readonly socketCookie?: () => bigint;
  /** The cookie of its network namespace. Default: 1, that of the machine's first. */
  readonly namespaceCookie?: () => bigint;
  /** How long packets may be on a device. Default: 1500 on every one. */
  readonly mtu?: (ifindex: number) => number;
}

/** What a route is asked for. */
export interface RouteQuery {
  readonly family: 'ipv4' | 'ipv6';
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ifindex: number;
}

/** Where a packet goes next. */
export interface Route {
  readonly ifindex: number;
  /** The address of hardware of the device. */
  readonly source: Uint8Array;
  /** The address of hardware of the next hop; undefined while nobody knows it. */
  readonly destination?: Uint8Array;
  readonly gateway?: Uint8Array;
  readonly mtu?: number;
}
