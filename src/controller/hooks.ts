/** How a queue is at the moment. */
export interface QueueState {
  /** How many keys could be taken, or wait for their own work to be done, by priority. */
  readonly depths: ReadonlyMap<number, number>;
  /** How long all work that goes on has been going on, together. */
  readonly unfinishedMs: number;
  /** How long the oldest work that goes on has been going on. */
  readonly longestRunningMs: number;
}

/** Is told what happens in one work queue. */
export interface QueueMetrics {
  /** A key came in that was not yet in. */
  added(priority: number): void;
  /** A worker took a key that had been in for so long. */
  taken(waitedMs: number): void;
  /** Its work is done, after so long. */
  done(workedMs: number): void;
  /** A key is to come back later. */
  retried(): void;
  /** Hands over how the queue can be asked for its state; called once. */
  observe(state: () => QueueState): void;
}

/** How a reconcile ended. The words are those of controller-runtime's `result` label. */
export type ReconcileOutcome = 'success' | 'error' | 'requeue' | 'requeue_after';

/** How a reconcile failed, beside that it did. */
export type FailureKind = 'terminal' | 'panic' | 'timeout';

/** Is told what happens in one controller. */
export interface ControllerMetrics {
  reconciled(outcome: ReconcileOutcome, durationMs: number): void;
  /** Also told to `reconciled`, except for a timeout that was survived. */
  failed(kind: FailureKind): void;
  /** Hands over how the controller can be asked for its workers; called once. */
  observe(state: () => { readonly workers: number; readonly active: number }): void;
}

/** Is told what happens in one election. */
export interface LeaderElectionMetrics {
  /** Whether this candidate leads, from now on. */
  leading(isLeader: boolean): void;
  /** A renewal did not go through at once and had to look first. */
  slowPath(): void;
}

/** What the runtime tells of itself, for Prometheus or anything else. Its functions must not throw. */
export interface RuntimeMetrics {
  queue(name: string): QueueMetrics;
  controller(name: string): ControllerMetrics;
  leaderElection(name: string): LeaderElectionMetrics;
}

/** What a reconcile is about, for those who look on. */
export interface ReconcileInfo {
  readonly controller: string;
  readonly reconcileId: string;
  /** The request, written as text: `namespace/name`. */
  readonly request: string;
  readonly priority: number;
}

/** Runs around each reconcile: a trace, a context of AsyncLocalStorage. Must call `reconcile` once and return what it gives. */
export type AroundReconcile = <R>(info: ReconcileInfo, reconcile: () => Promise<R>) => Promise<R>;

const silentQueue: QueueMetrics = { added() {}, taken() {}, done() {}, retried() {}, observe() {} };
const silentController: ControllerMetrics = { reconciled() {}, failed() {}, observe() {} };
const silentElection: LeaderElectionMetrics = { leading() {}, slowPath() {} };

/** Listens to nothing. */
export const noMetrics: RuntimeMetrics = {
  queue: () => silentQueue,
  controller: () => silentController,
  leaderElection: () => silentElection,
};
