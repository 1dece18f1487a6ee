import type { Logger } from './log/logger.ts';

/** What becomes of a request after a reconcile that did not fail. Nothing: it is done until something changes. */
export interface ReconcileResult {
  /** Reconciles again after so many milliseconds, unless something asks for it sooner. */
  readonly requeueAfterMs?: number;
  /** True: reconciles again with the backoff of a failure, though this was none: somebody else is not ready yet. */
  readonly requeue?: boolean;
  /** With which priority it comes again; default: that which it had. */
  readonly priority?: number;
}

/** What a reconcile knows of itself. */
export interface ReconcileContext {
  /** Aborted when the manager stops, or the reconcile has taken too long. Hand it to what waits. */
  readonly signal: AbortSignal;
  /** Says which controller, request and reconcile it is about. */
  readonly log: Logger;
  /** Different for each reconcile. */
  readonly reconcileId: string;
  readonly priority: number;
  /** How often this request has failed in a row. */
  readonly failures: number;
}

/** Makes the world as the request's object says, however it is now. Throws to be called again, later and later. */
export type Reconciler<R, C extends ReconcileContext = ReconcileContext> = (
  request: R,
  context: C,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one of these
) => Promise<ReconcileResult | undefined | void>;

/** Thrown by a reconcile that would fail again however often it were tried: it comes again only when something changes. */
export class TerminalError extends Error {
  override name = 'TerminalError';
}

/** Whether something that was thrown, or a cause of it, is a TerminalError; of this or another copy of the package. */
export function isTerminalError(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return thrown.name === 'TerminalError' || isTerminalError(thrown.cause);
}

/** Why a reconcile's signal was aborted: it has taken too long. */
export class ReconcileTimeoutError extends Error {
  override name = 'ReconcileTimeoutError';
}

/** Whether what was thrown is a mistake in a program rather than a failure of what it works with. */
export function isPanic(thrown: unknown): boolean {
  return (
    !(thrown instanceof Error) ||
    (thrown instanceof TypeError && thrown.cause === undefined) ||
    thrown instanceof ReferenceError ||
    thrown instanceof RangeError ||
    thrown instanceof SyntaxError
  );
}
