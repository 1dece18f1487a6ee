import type { CalendarWindow } from './types.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const DAY = 24 * 60;

/** Knows whether a moment is within a window. */
export type WindowTest = (now: Date) => boolean;

/**
 * A window that can be asked. Hours are those that clocks on the wall of the time zone show: an hour that a change of
 * summer time repeats is in it twice, one that it leaves out is in no window.
 *
 * @returns What is wrong with it, where it is none.
 */
export function compileWindow(window: CalendarWindow): WindowTest | string {
  const clock = clockOf(window.timeZone ?? 'UTC');
  if (clock === undefined)
    return `match.window.timeZone: ${JSON.stringify(window.timeZone)} is no time zone; use an IANA name, as in Europe/Berlin`;
  const from = minutesOf(window.from ?? '00:00');
  const to = minutesOf(window.to ?? '24:00');
  if (from === undefined || from === DAY) return wrongTime('from', window.from);
  if (to === undefined) return wrongTime('to', window.to);
  if (from === to) return 'match.window: from and to are the same; leave both out for whole days';
  const days = new Set<string>(window.days ?? DAYS);
  return (now) => {
    const { day, minutes } = clock(now);
    if (from < to) return days.has(DAYS[day]!) && minutes >= from && minutes < to;
    if (minutes >= from) return days.has(DAYS[day]!);
    // the part after midnight belongs to the day before
    return minutes < to && days.has(DAYS[(day + 6) % 7]!);
  };
}

function wrongTime(field: string, time: unknown): string {
  return `match.window.${field}: ${JSON.stringify(time)} is no time; write HH:MM, as in 08:30`;
}

function minutesOf(text: unknown): number | undefined {
  if (text === '24:00') return DAY;
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(String(text)) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

type Clock = (now: Date) => { readonly day: number; readonly minutes: number };

const clocks = new Map<string, Clock | undefined>();
/** Bounds what made-up names of zones can make the table hold. */
const MAX_CLOCKS = 1_000;

/** The clock of a time zone; undefined where there is no such zone. Offsets are none: they know no summer time. */
function clockOf(timeZone: string): Clock | undefined {
  if (!clocks.has(timeZone)) {
    if (clocks.size >= MAX_CLOCKS) clocks.clear();
    clocks.set(timeZone, makeClock(timeZone));
  }
  return clocks.get(timeZone);
}

function makeClock(timeZone: string): Clock | undefined {
  const format = formatOf(timeZone);
  if (format === undefined) return undefined;
  return (now) => {
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    const day = DAYS.indexOf(parts.weekday as (typeof DAYS)[number]);
    return { day, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (typeof timeZone !== 'string' || !/^[A-Za-z]/.test(timeZone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}
