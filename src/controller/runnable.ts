/**
 * When something runs. The groups start in this order, each when the one before it is ready, and stop in the order
 * `others`, `leaderElection`, `caches`, `webhooks`, `http` (`warmup` beside them):
 *
 * - `http`: metrics and health, which must answer whatever else is wrong;
 * - `webhooks`: before caches, because a list may need a conversion;
 * - `caches`;
 * - `others`: what runs on every instance;
 * - `warmup`: what those who wait to lead can do already;
 * - `leaderElection`: what only the leader does. Without an election every instance leads.
 */
export type RunnableGroup = 'http' | 'webhooks' | 'caches' | 'others' | 'warmup' | 'leaderElection';

/** Something that a manager starts and stops. */
export interface Runnable {
  /** For logs and errors. */
  readonly name: string;
  /** Default: `leaderElection`. */
  readonly group?: RunnableGroup;
  /**
   * Works until the signal is aborted, and resolves when all of it has ended. It may resolve sooner, when there is
   * nothing left to do. A rejection stops the manager, which rejects with it.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when those who come later may rely on it. Default: as soon as `start` was called. */
  ready?(signal: AbortSignal): Promise<void>;
  /** What can be done before this instance leads; called before `start`, in the group `warmup`. */
  warmup?(signal: AbortSignal): Promise<void>;
}
