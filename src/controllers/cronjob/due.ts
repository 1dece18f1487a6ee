import type { Schedule } from 'nekube/cron';
import type { CronJob } from './cron-job.ts';

/** Clocks may differ by so much: a CronJob is looked at again a little after it is due. */
const PADDING_MS = 100;
/** More missed times than that are told of. */
const MANY = 100;

/** What of a schedule was not done yet. */
interface Missed {
  /** From where it was counted. */
  readonly since: number;
  /** The last time that it was due, if it was. */
  readonly last?: number;
  readonly count: number;
}

/** A schedule that is well-formed but never comes, as on a 31st of February. */
const NEVER = 'time difference between two schedules is less than 1 second';

/**
 * Finds the last time that a CronJob was due since it was last scheduled, or made. As kube-controller-manager, it guesses
 * how often it was from the distance of the first two, so that long pauses cost nothing.
 *
 * @returns A text where the schedule never comes
 */
function missedBy(cronJob: CronJob, now: number, schedule: Schedule, heedsDeadline: boolean): Missed | string {
  const { spec, status, metadata } = cronJob;
  let since = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp!);
  if (heedsDeadline && spec.startingDeadlineSeconds !== undefined)
    since = Math.max(since, now - spec.startingDeadlineSeconds * 1000);
  const first = schedule.next(since);
  const second = first === undefined ? undefined : schedule.next(first);
  if (first === undefined || second === undefined) return NEVER;
  if (now < first) return { since, count: 0 };
  if (now < second) return { since, last: first, count: 0 };
  const apart = Math.round((second - first) / 1000) * 1000;
  if (apart < 1000) return NEVER;
  const count = Math.floor(Math.floor((now - first) / 1000) / (apart / 1000)) + 1;
  let last: number | undefined;
  for (let at = schedule.next(first + (count - 2) * apart); at !== undefined && at <= now; at = schedule.next(at))
    last = at;
  return { since, count, ...(last !== undefined && { last }) };
}

/** The time for which a Job is to be made. */
export interface Due {
  readonly at: number;
  /** Whether so many were missed that somebody should look at it. */
  readonly manyMissed: boolean;
}

/** When a CronJob was last due and, as far as it knows, not served; undefined if it was not; a text where it never is. */
export function dueTime(cronJob: CronJob, now: number, schedule: Schedule): Due | string | undefined {
  const missed = missedBy(cronJob, now, schedule, true);
  if (typeof missed === 'string') return missed;
  return missed.last === undefined ? undefined : { at: missed.last, manyMissed: missed.count > MANY };
}

/** How long it is until a CronJob is to be looked at again, in milliseconds. */
export function untilNext(cronJob: CronJob, now: number, schedule: Schedule): number {
  const missed = missedBy(cronJob, now, schedule, false);
  const isClean = typeof missed !== 'string' && missed.count === 0;
  const from = typeof missed === 'string' ? now : (missed.last ?? (isClean ? missed.since : now));
  return (schedule.next(from) ?? now) + PADDING_MS - now;
}
