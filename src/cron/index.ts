/**
 * Cron schedules as robfig/cron reads them, whose words and whose ways with days that lack an hour those of CronJobs are: a
 * text is parsed to a schedule, or it is said what is wrong with it, and a schedule knows when it is next.
 *
 * What it does not do: it waits for nothing, and knows no CronJob.
 */
export { parseSchedule } from './parse-schedule.ts';
export type { Schedule } from './schedule.ts';
export { isTimeZone, TimeZone, type WallTime } from './time-zone.ts';
