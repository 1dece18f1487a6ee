import type { WeightedBackend } from './http.ts';
import type { Source } from './source.ts';

/** What becomes of a connection, or of a client's datagrams. */
export interface StreamForward {
  /** As `tcproute/NAMESPACE/NAME/rule/0`. */
  readonly name: string;
  readonly source: Source;
  /** Of these only `weight`, `backend` and `invalid` count; what goes to an invalid one is closed at once (dropped, with UDP),
   * as is everything where there is none. */
  readonly backends: readonly WeightedBackend[];
  /** Default: one hour for TCP, one minute for UDP. */
  readonly idleTimeoutMs?: number;
}
