import type { ClientSettings } from '../../model/index.ts';
import type { Sweeper } from '../http/sweeper.ts';
import type { Bind } from '../listeners/bind.ts';
import type { Router } from '../router/index.ts';
import type { Cluster } from '../upstream/cluster.ts';

/** What all requests see of the data plane, as it is when they come. */
export interface PlaneContext {
  readonly sweeper: Sweeper;
  /** By name of their backend. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Ms since 1970, for what has dates. */
  readonly wallClock: () => number;
  /** What goes wrong that is no client's and no backend's fault. */
  readonly onError: (error: unknown) => void;
  /** How listeners of TCP get their ports. */
  readonly bind: Bind;
}

/** What requests see of the chain they came by. */
export interface ChainContext {
  /** As in the model. */
  readonly name: string;
  readonly router: Router;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly settings: ClientSettings | undefined;
}
