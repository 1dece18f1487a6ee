import { formatTime, ParseError, parseDuration, parseTime } from 'nekube/apimachinery';
import { CelError, type CelValue, Duration, Timestamp } from './value.ts';

/** The years 1 to 9999, in seconds since 1970. */
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;
const SECOND = 1_000_000_000n;
const INT64_LIMIT = 2n ** 63n;

const TIMESTAMP_OVERFLOW = new CelError('timestamp overflow');

/** Reads RFC 3339, as Go does; undefined for what is none. */
export function parseTimestamp(text: string): Timestamp | CelError | undefined {
  try {
    const { seconds, nanos } = parseTime(text);
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
    const offset = sign === undefined ? 0 : (sign === '-' ? -60 : 60) * (Number(hours) * 60 + Number(minutes));
    return timestamp(BigInt(seconds), nanos, offset);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** A timestamp in its range, or its overflow. */
export function timestamp(seconds: bigint, nanos: number, offset = 0): Timestamp | CelError {
  return seconds < MIN_SECONDS || seconds > MAX_SECONDS ? TIMESTAMP_OVERFLOW : new Timestamp(seconds, nanos, offset);
}

/** RFC 3339 in the zone it was written in, with as many decimals as are needed. */
export function formatTimestamp({ seconds, nanos, offset }: Timestamp): string {
  const local = formatTime({ seconds: Number(seconds) + offset, nanos: 0 }).slice(0, -1);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  if (offset === 0) return `${local}${fraction}Z`;
  const minutes = Math.abs(offset) / 60;
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return `${local}${fraction}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A timestamp later by nanoseconds. */
export function addDurationToTimestamp({ seconds, nanos, offset }: Timestamp, by: bigint): CelValue {
  const total = seconds * SECOND + BigInt(nanos) + by;
  const rest = ((total % SECOND) + SECOND) % SECOND;
  return timestamp((total - rest) / SECOND, Number(rest), offset);
}

/** How much later one timestamp is than another. */
export function subtractTimestamps(a: Timestamp, b: Timestamp): CelValue {
  const seconds = (a.seconds - b.seconds) * SECOND;
  const nanos = seconds + BigInt(a.nanos - b.nanos);
  const overflows = [seconds, nanos].some((n) => n >= INT64_LIMIT || n < -INT64_LIMIT);
  return overflows ? new CelError('integer overflow') : new Duration(nanos);
}

/** Reads a Go duration; undefined for what is none. */
export function readDuration(text: string): Duration | undefined {
  try {
    return new Duration(parseDuration(text));
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** Seconds in decimals, as a double holds them: `5400s`, `0.5s`. */
export function formatCelDuration({ nanos }: Duration): string {
  const seconds = Number(nanos / SECOND) + Number(nanos % SECOND) / 1e9;
  return `${formatPlainDouble(seconds)}s`;
}

/** The shortest decimals that give the double back, without an exponent. */
function formatPlainDouble(value: number): string {
  const text = String(value);
  const found = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (found === null) return Object.is(value, -0) ? '-0' : text;
  const [, sign, whole, fraction = '', exponent] = found as unknown as [string, string, string, string, string];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return (
    sign + (point >= digits.length ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`)
  );
}
