import type { HttpRoute, WeightedBackend } from '../../model/index.ts';
import type { Incoming } from './incoming.ts';

/** A route that has a request. */
export interface Routed {
  readonly incoming: Incoming;
  readonly route: HttpRoute;
  /** Of a forward: the backend that was chosen. */
  readonly choice: WeightedBackend | undefined;
}
