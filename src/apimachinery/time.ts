import { ParseError } from './parse-error.ts';

/** A point in time: seconds since 1970 and the nanoseconds within that second. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/** Go's zero time, 0001-01-01T00:00:00Z: metav1.Time writes it as null. */
const ZERO_SECONDS = -62_135_596_800;

const LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/**
 * Reads an RFC 3339 time with Go's leniency (hours of one digit, any fraction of a second).
 *
 * @throws ParseError with the message of Go's time.Parse: `parsing time "x" as "2006-…": cannot parse "x" as "2006"`.
 */
export function parseTime(text: string): Instant {
  return new TimeReader(text, LAYOUT).read();
}

/** Reads a metav1.MicroTime: exactly six decimals. @throws ParseError as {@link parseTime}. */
export function parseMicroTime(text: string): Instant {
  return new TimeReader(text, MICRO_LAYOUT).read();
}

/** True for a day of the calendar, written as `2006-01-31`. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // there is no 30th of February, but some engines read one
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The time in UTC, whole seconds: `2006-01-02T15:04:05Z`. */
export function formatTime(time: Instant | Date): string {
  return `${formatSeconds(toInstant(time).seconds)}Z`;
}

/** The time in UTC with six decimals, rounded down: `2006-01-02T15:04:05.000000Z`. */
export function formatMicroTime(time: Instant | Date): string {
  const { seconds, nanos } = toInstant(time);
  return `${formatSeconds(seconds)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** How metav1.Time writes back what it reads: in UTC, without fraction; null for Go's zero time. @throws ParseError */
export function canonicalTime(text: string): string | null {
  if (CANONICAL.test(text)) return text;
  const time = parseTime(text);
  return isZero(time) ? null : formatTime(time);
}

/** How metav1.MicroTime writes back what it reads. @throws ParseError */
export function canonicalMicroTime(text: string): string | null {
  const time = parseMicroTime(text);
  return isZero(time) ? null : formatMicroTime(time);
}

/** Times as they are written back, in days that every month has, after Go's zero time. */
const CANONICAL = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

function isZero(time: Instant): boolean {
  return time.seconds === ZERO_SECONDS && time.nanos === 0;
}

function toInstant(time: Instant | Date): Instant {
  if (!(time instanceof Date)) return time;
  const ms = time.getTime();
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
}

function formatSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  const yearText = (year < 0 ? '-' : '') + String(Math.abs(year)).padStart(4, '0');
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${yearText}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  return `${day}T${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** Walks the layout and the text side by side, as Go's time.Parse does; only the elements of our two layouts. */
class TimeReader {
  readonly #text: string;
  readonly #layout: string;
  #rest: string;

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
    this.#rest = text;
  }

  read(): Instant {
    const year = this.#take(/^[0-9]{4}/, '2006');
    this.#literal('-');
    const month = this.#number(/^[0-9]{2}/, '01', 1, 12, 'month');
    this.#literal('-');
    const day = this.#take(/^[0-9]{2}/, '02');
    this.#literal('T');
    const hour = this.#number(/^[0-9]{1,2}/, '15', 0, 23, 'hour');
    this.#literal(':');
    const minute = this.#number(/^[0-9]{2}/, '04', 0, 59, 'minute');
    this.#literal(':');
    const second = this.#number(/^[0-9]{2}/, '05', 0, 59, 'second');
    const nanos = this.#layout === MICRO_LAYOUT ? this.#micros() : this.#anyFraction();
    const offset = this.#zone();
    if (this.#rest !== '') this.#fail(`: extra text: ${quoteAsTime(this.#rest)}`);
    if (Number(day) < 1 || Number(day) > daysIn(Number(year), month)) this.#fail(': day out of range');
    const date = new Date(0);
    date.setUTCFullYear(Number(year), month - 1, Number(day));
    return { seconds: date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset, nanos };
  }

  #take(pattern: RegExp, element: string): string {
    const found = pattern.exec(this.#rest);
    if (found === null) this.#cannot(element);
    this.#rest = this.#rest.slice(found[0].length);
    return found[0];
  }

  #number(pattern: RegExp, element: string, low: number, high: number, name: string): number {
    const value = Number(this.#take(pattern, element));
    if (value < low || value > high) this.#fail(`: ${name} out of range`);
    return value;
  }

  #literal(char: string): void {
    if (!this.#rest.startsWith(char)) this.#cannot(char);
    this.#rest = this.#rest.slice(1);
  }

  #micros(): number {
    return Number(this.#take(/^[.,][0-9]{6}/, '.000000').slice(1)) * 1000;
  }

  #anyFraction(): number {
    const found = /^[.,]([0-9]+)/.exec(this.#rest);
    if (found === null) return 0;
    this.#rest = this.#rest.slice(found[0].length);
    return Number(found[1]!.slice(0, 9).padEnd(9, '0'));
  }

  /** Seconds east of UTC. */
  #zone(): number {
    if (this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1);
      return 0;
    }
    const found = /^([+-])([0-9]{2}):([0-9]{2})/.exec(this.#rest);
    if (found === null) this.#cannot('Z07:00');
    const [hours, minutes] = [Number(found[2]), Number(found[3])];
    if (hours > 24) this.#fail(': time zone offset hour out of range');
    if (minutes > 60) this.#fail(': time zone offset minute out of range');
    this.#rest = this.#rest.slice(6);
    return (found[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  #cannot(element: string): never {
    this.#fail(` as ${quoteAsTime(this.#layout)}: cannot parse ${quoteAsTime(this.#rest)} as ${quoteAsTime(element)}`);
  }

  #fail(what: string): never {
    const offset = this.#text.length - this.#rest.length;
    throw new ParseError(`parsing time ${quoteAsTime(this.#text)}${what}`, {
      offset,
      sourceLine: this.#text.slice(0, 200),
    });
  }
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** The quoting in package time's messages: escapes quotes and backslashes, and all beyond printable ASCII as `\x` bytes. */
export function quoteAsTime(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    if (byte >= 0x80 || byte < 0x20) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }
  return `${out}"`;
}
