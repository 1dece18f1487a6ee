import { isStatusError } from 'nekube/apimachinery';
import { type Clock, isConnectionError, sleep } from 'nekube/client';

/** How often, and how long between: 0.25 s, and twice as long each time, with jitter. */
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;

/** How is tried again. */
export interface Retrying {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Does what may be done twice (an apply, a read, a delete of one version) again while it fails for a reason that passes:
 * no connection, 429, 5xx, and what the server itself could not finish. What the server asks to wait the client has waited.
 *
 * @throws the last failure, or at once one that does not pass
 */
export async function retrying<T>(attempt: () => Promise<T>, { clock, random, signal }: Retrying): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (n === ATTEMPTS || signal.aborted || !passes(error)) throw error;
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (n - 1), LONGEST_WAIT_MS);
      try {
        await sleep(wait * (0.5 + random() / 2), clock, signal);
      } catch {
        // who is asked to end tells what failed, not that he was waiting
        throw error;
      }
    }
  }
}

/** Whether the same request may succeed later. */
export function passes(error: unknown): boolean {
  if (isConnectionError(error)) return true;
  if (!isStatusError(error)) return false;
  const { code = 0, message = '' } = error.status;
  // to a configuration that does not fit its schema the server says that the fault is its own
  if (code === 500 && message.includes('failed to create typed')) return false;
  return code === 429 || (code >= 500 && code !== 501);
}
