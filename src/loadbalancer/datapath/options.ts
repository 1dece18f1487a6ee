import type { Family } from '../maps/address.ts';

/** What a node's programs are made for. They are made anew, and replaced, when it changes. */
export interface DatapathOptions {
  /** The address that stands for clients with SNAT, and where tunnels come from; a family without one has neither. */
  readonly nodeAddresses: Readonly<Partial<Record<Family, string>>>;
  /** Of packets that leave, in bytes without Ethernet's header. */
  readonly mtu: number;
  /** The ports that stand for clients with SNAT; this machine's own connections must have others. */
  readonly snatPorts: { readonly first: number; readonly count: number };
  /** What stands for a pod that is its own Service's backend, to that pod: addresses that nobody else has. */
  readonly hairpinAddresses?: Readonly<Partial<Record<Family, string>>>;
  /**
   * The number of a bridge that joins the pods, where there is one: packets from one to another leave by it, and are not routed.
   */
  readonly podBridge?: number;
}

/** What stands for a pod to itself where nothing is said. */
export const HAIRPIN_ADDRESSES = { 4: '169.254.42.1', 6: 'fd6e:6b75:6265::1' } as const;

/** What counts where nothing is said. The ports are behind those that Linux gives to connections of its own. */
export const DEFAULT_DATAPATH = { mtu: 1500, snatPorts: { first: 61_000, count: 4536 } } as const;
