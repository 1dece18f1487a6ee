import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 1000;
/** The share of time at work from which on a second counts as busy: memory may have become garbage. */
const BUSY_SHARE = 0.1;

/**
 * Gives memory back to the system when work has ended: V8 itself collects only when it is asked for more, so that a
 * server at rest would keep what its last load has left. Does nothing while there is work.
 *
 * @returns what ends it
 */
export function releaseMemoryWhenIdle(): () => void {
  let collect: (() => void) | undefined;
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  let worked = true;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization >= BUSY_SHARE) {
      worked = true;
      return;
    }
    if (!worked) return;
    worked = false;
    collect ??= collector();
    collect();
    // the collection itself is no work
    last = performance.eventLoopUtilization();
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** V8's collector, which is not in a program's reach unless it is asked for. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return gc;
}
