import {
  defineFunction,
  type FunctionDeclaration,
  type Implementation,
  memberOverload,
  type Overload,
} from '../function.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../type.ts';
import { CelError, type CelValue, Duration, Timestamp } from '../value.ts';

/** Reads a part of a point in time; the date is shifted so that its UTC parts are the local ones. */
type ReadPart = (local: Date, nanos: number) => number;

const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;

/** The parts of timestamps, in UTC or a time zone, and durations in whole units. */
export const TIME_FUNCTIONS: readonly FunctionDeclaration[] = [
  part('getFullYear', 'year', (date) => date.getUTCFullYear()),
  part('getMonth', 'month', (date) => date.getUTCMonth()),
  part('getDayOfYear', 'day_of_year', dayOfYear),
  part('getDayOfMonth', 'day_of_month', (date) => date.getUTCDate() - 1),
  part('getDate', 'day_of_month_1_based', (date) => date.getUTCDate()),
  part('getDayOfWeek', 'day_of_week', (date) => date.getUTCDay()),
  part('getHours', 'hours', (date) => date.getUTCHours(), inUnits('hours', 3600n * SECOND)),
  part('getMinutes', 'minutes', (date) => date.getUTCMinutes(), inUnits('minutes', 60n * SECOND)),
  part('getSeconds', 'seconds', (date) => date.getUTCSeconds(), inUnits('seconds', SECOND)),
  part(
    'getMilliseconds',
    'milliseconds',
    (_, nanos) => Math.floor(nanos / 1_000_000),
    inUnits('milliseconds', MILLISECOND),
  ),
];

function part(name: string, id: string, read: ReadPart, ...more: Overload[]): FunctionDeclaration {
  const inUtc: Implementation = (time) => readPart(time as Timestamp, 0, read);
  const inZone: Implementation = (time, zone) => {
    const offset = offsetOf(zone as string, (time as Timestamp).seconds);
    return offset instanceof CelError ? offset : readPart(time as Timestamp, offset, read);
  };
  const withZone = id === 'seconds' ? 'timestamp_to_seconds_tz' : `timestamp_to_${id}_with_tz`;
  return defineFunction(name, [
    memberOverload(`timestamp_to_${id}`, [TIMESTAMP], INT, inUtc),
    memberOverload(withZone, [TIMESTAMP, STRING], INT, inZone),
    ...more,
  ]);
}

function inUnits(name: string, unit: bigint): Overload {
  return memberOverload(`duration_to_${name}`, [DURATION], INT, (value) => (value as Duration).nanos / unit);
}

function readPart({ seconds, nanos }: Timestamp, offset: number, read: ReadPart): CelValue {
  return BigInt(read(new Date((Number(seconds) + offset) * 1000), nanos));
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}

/** Seconds east of UTC that a zone has at a time: `-08:00`, or a name such as `America/Los_Angeles`. */
function offsetOf(zone: string, seconds: bigint): number | CelError {
  const colon = zone.indexOf(':');
  if (colon < 0) return offsetOfName(zone, Number(seconds));
  const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)];
  for (const text of [hours, minutes])
    if (!/^[+-]?\d+$/.test(text)) return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const sign = zone.startsWith('-') ? -1 : 1;
  return 60 * (Number(hours) * 60 + sign * Number(minutes));
}

/** No zone is further from UTC, in seconds. */
const FURTHEST = 54_000;
const DAY = 86_400;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function offsetOfName(name: string, seconds: number): number | CelError {
  if (name === '' || name === 'UTC') return 0;
  if (!formats.has(name)) formats.set(name, formatOf(name));
  const format = formats.get(name);
  if (format === undefined) return new CelError(`unknown time zone ${name}`);
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
  const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
  const local = new Date(0);
  local.setUTCFullYear(at('year'), at('month') - 1, at('day'));
  local.setUTCHours(at('hour'), at('minute'), at('second'));
  // Where the calendar is another one, in ancient times, whole days are told too much.
  const offset = local.getTime() / 1000 - seconds;
  return Math.abs(offset) <= FURTHEST ? offset : offset - Math.round(offset / DAY) * DAY;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    } as Intl.DateTimeFormatOptions);
  } catch {
    return undefined;
  }
}
