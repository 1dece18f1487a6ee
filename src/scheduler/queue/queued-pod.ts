import type { HeapItem } from 'nekube/controller';
import type { Pod } from '../objects/pod.ts';

/** In which part of the queue a pod is: `none` while it is being scheduled. */
export type Place = 'none' | 'active' | 'backoff' | 'unschedulable';

/** A pod that waits to be scheduled. Times are of the clock's `elapsed`. */
export interface QueuedPod extends HeapItem {
  pod: Pod;
  place: Place;
  /** Since when it waits in its turn. */
  since: number;
  /** How often it did not fit. */
  misfits: number;
  /** How often in a row something went wrong instead. */
  errors: number;
  /** The filters that rejected it. */
  plugins: ReadonlySet<string>;
}

const FIRST_BACKOFF_MS = 1000;
const MOST_BACKOFF_MS = 10_000;

/** A pod that is new. */
export function newQueuedPod(pod: Pod, since: number): QueuedPod {
  return { pod, since, place: 'none', misfits: 0, errors: 0, plugins: new Set(), at: -1 };
}

/** Until when it has to wait after it did not fit: twice as long each time. Whole seconds, so that those of one go by priority. */
export function backoffUntil({ since, misfits, errors }: QueuedPod): number {
  const times = errors > 0 ? errors : misfits;
  if (times === 0) return 0;
  const wait = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(times - 1, 10), MOST_BACKOFF_MS);
  return Math.floor((since + wait) / 1000) * 1000;
}

/** The higher priority goes first, then who waits for longer. */
export function goesBefore(a: QueuedPod, b: QueuedPod): boolean {
  const difference = (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0);
  return difference < 0 || (difference === 0 && a.since < b.since);
}

/** Whose wait ends first. */
export function endsBefore(a: QueuedPod, b: QueuedPod): boolean {
  const difference = backoffUntil(a) - backoffUntil(b);
  return difference < 0 || (difference === 0 && goesBefore(a, b));
}
