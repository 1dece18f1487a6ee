import type { EventLoopUtilization } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 1000;
/** The share of time at work from which on a second counts as busy: memory may have become garbage. */
const BUSY_SHARE = 0.1;
/**
 * So many quiet seconds in a row collect: V8 finds where its pages have holes in one collection, and closes them in the next, of some
 * pages at a time. Of a heap that has shrunk to a third one collection gives nothing back to the system, and three nearly all.
 */
const COLLECTIONS = 3;

/**
 * Keeps a long-running program small. The room for young objects stays what it has become by now: V8 would double it
 * under load, to 32 MB, and keep it, for a few percent of speed. When work has ended, memory is given back to the
 * system: V8 itself collects only when it is asked for more. Does nothing while there is work, nor when nothing was done.
 *
 * @returns what ends it
 */
export function keepMemorySmall(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  let collect: (() => void) | undefined;
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  let left = COLLECTIONS;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization >= BUSY_SHARE) {
      left = COLLECTIONS;
      return;
    }
    if (left === 0) return;
    left--;
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
