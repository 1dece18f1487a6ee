import type { RequestQueue } from './queue/work-queue.ts';

/** Where a controller's requests come from. */
export interface Source<R> {
  /** For logs and errors: `Deployment.apps/v1`. */
  readonly name: string;
  /**
   * Begins to add requests, until the signal is aborted. Resolves when those of all that was there are in the queue.
   * Rejects if that will never be; what fails for a while is tried again.
   */
  start(queue: RequestQueue<R>, signal: AbortSignal): Promise<void>;
  /** What went wrong last, while it has not started; for the error when that takes too long. */
  readonly lastError?: unknown;
}
