import type { Filter } from '../pipeline.ts';
import { SYSTEM_MASTERS } from '../user.ts';
import { isLongRunning } from './long-running.ts';
import { sendTooManyRequests } from './too-many-requests.ts';

/** How many requests may be served at the same time; 0: as many as come. */
export interface InFlightLimits {
  readonly reading: number;
  readonly mutating: number;
}

const READING = new Set(['get', 'list', 'watch']);

/**
 * Without priority and fairness: a request above the limit is rejected at once, unless it is an administrator's. Those
 * that run long do not count.
 */
export function withMaxInFlight(limits: InFlightLimits): Filter {
  const counts = { reading: 0, mutating: 0 };
  return async (context, next) => {
    if (isLongRunning(context.info)) return next(context);
    const kind = READING.has(context.info.verb) ? 'reading' : 'mutating';
    const isFull = limits[kind] > 0 && counts[kind] >= limits[kind];
    if (isFull && !context.user.groups.includes(SYSTEM_MASTERS)) return sendTooManyRequests(context, 1);
    if (isFull) return next(context);
    counts[kind]++;
    try {
      await next(context);
    } finally {
      counts[kind]--;
    }
  };
}
