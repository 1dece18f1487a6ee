import { isParseError, parseDuration } from 'nekube/apimachinery';
import { EverySchedule, type Field, type Fields, FieldSchedule, type Schedule } from './schedule.ts';
import { isTimeZone, TimeZone } from './time-zone.ts';

/** The values of a field of a schedule, and the names that stand for them. */
interface FieldBounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const BOUNDS: readonly FieldBounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: Object.fromEntries(MONTHS.map((name, i) => [name, i + 1])) },
  { min: 0, max: 6, names: Object.fromEntries(DAYS.map((name, i) => [name, i])) },
];
/** What the descriptors stand for. */
const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads a schedule of five fields or a descriptor, with `TZ=` or `CRON_TZ=` before it if it is by another zone's clocks than
 * those of this process.
 *
 * @returns A text that says what is wrong, in the words of robfig/cron v3
 */
export function parseSchedule(text: string): Schedule | string {
  if (text === '') return 'empty spec string';
  if (!/^(?:CRON_)?TZ=/.test(text)) return parseIn('Local', text);
  const space = text.indexOf(' ');
  if (space < 0) return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
  const zone = text.slice(text.indexOf('=') + 1, space);
  if (!isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
  return parseIn(zone, text.slice(space).trim());
}

function parseIn(zone: string, text: string): Schedule | string {
  if (text.startsWith('@every ')) return parseEvery(text);
  if (text.startsWith('@') && !Object.hasOwn(DESCRIPTORS, text)) return `unrecognized descriptor: ${text}`;
  const fields = parseFields(DESCRIPTORS[text] ?? text);
  return typeof fields === 'string' ? fields : new FieldSchedule(fields, new TimeZone(zone));
}

function parseEvery(text: string): Schedule | string {
  try {
    return new EverySchedule(Number(parseDuration(text.slice('@every '.length)) / 1_000_000n));
  } catch (e) {
    if (!isParseError(e)) throw e;
    return `failed to parse duration ${text}: ${e.message}`;
  }
}

function parseFields(text: string): Fields | string {
  const given = text.split(/\s+/).filter((field) => field !== '');
  if (given.length !== BOUNDS.length)
    return `expected exactly ${BOUNDS.length} fields, found ${given.length}: [${given.join(' ')}]`;
  const fields = given.map((field, i) => parseField(field, BOUNDS[i]!));
  const problem = fields.find((field) => typeof field === 'string');
  if (problem !== undefined) return problem;
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields as Field[];
  return { minutes: minutes!, hours: hours!, daysOfMonth: daysOfMonth!, months: months!, daysOfWeek: daysOfWeek! };
}

function parseField(text: string, bounds: FieldBounds): Field | string {
  const values = new Set<number>();
  let isAny = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    if (typeof range === 'string') return range;
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
    isAny ||= range.isAny;
  }
  return { values, isAny };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isAny: boolean;
}

/** A range: `5`, `1-5`, `*`, each with an optional `/step`. */
function parseRange(text: string, bounds: FieldBounds): Range | string {
  const [range, by, ...moreSteps] = text.split('/') as [string, string?, ...string[]];
  const [low, high, ...moreParts] = range.split('-') as [string, string?, ...string[]];
  const any = low === '*' || low === '?';
  const start = any ? bounds.min : readNumber(low, bounds);
  if (typeof start === 'string') return start;
  if (!any && moreParts.length > 0) return `too many hyphens: ${text}`;
  let end = any ? bounds.max : high === undefined ? start : readNumber(high, bounds);
  if (typeof end === 'string') return end;
  if (moreSteps.length > 0) return `too many slashes: ${text}`;
  const step = by === undefined ? 1 : readNumber(by, { min: 0, max: 0 });
  if (typeof step === 'string') return step;
  if (by !== undefined && high === undefined) end = bounds.max;
  const found = { start, end, step, isAny: any && step <= 1 };
  return limitsProblem(text, found, bounds) ?? found;
}

function limitsProblem(text: string, { start, end, step }: Range, bounds: FieldBounds): string | undefined {
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${text}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

/** The number that a text names, or what is wrong with it. */
function readNumber(text: string, { names = {} }: FieldBounds): number | string {
  const named = Object.hasOwn(names, text.toLowerCase()) ? names[text.toLowerCase()] : undefined;
  if (named !== undefined) return named;
  const failed = (why: string) => `failed to parse int from ${text}: strconv.Atoi: parsing "${text}": ${why}`;
  if (!/^[-+]?[0-9]+$/.test(text)) return failed('invalid syntax');
  if (BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', '')))
    return failed('value out of range');
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
