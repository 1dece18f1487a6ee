import { native } from './native.ts';

const CLOCK_MONOTONIC_COARSE = 6;

/** How many jiffies (`jiffies64`) this kernel counts in a second: 100, 250, 300 or 1000 mostly. */
export function jiffiesPerSecond(): number {
  // which goes on with each of them
  return Math.round(1e9 / native().clockResolution(CLOCK_MONOTONIC_COARSE));
}
