import type { Clock } from 'nekube/client';
import { bucketLimiter, type ControllerOptions, exponentialLimiter, maxOfLimiter } from 'nekube/controller';

/** How the controllers of requests work: five at once, and slow to try again, since mostly a person has to do something. */
export function requestOptions(clock: Clock): ControllerOptions {
  const each = exponentialLimiter({ baseMs: 200, maxMs: 1_000_000 });
  const all = bucketLimiter({ perSecond: 10, burst: 100, clock });
  return { maxConcurrentReconciles: 5, rateLimiter: maxOfLimiter(each, all) };
}
