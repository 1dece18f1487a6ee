import type { Clock } from './storage.ts';

/** The longest delay of a timer in Node; longer ones are cut, so their callers look again. */
const longestMs = 2 ** 31 - 1;

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
