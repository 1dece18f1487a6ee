import { isParseError, parseDuration } from 'nekube/apimachinery';
import { isTimeZone } from './time-zone.ts';

/** The values of a field of a schedule, and the names that stand for them. */
interface FieldBounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly FieldBounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: Object.fromEntries(MONTHS.map((name, i) => [name, i + 1])) },
  { min: 0, max: 6, names: Object.fromEntries(DAYS.map((name, i) => [name, i])) },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a cron schedule, in the words of robfig/cron's parser; undefined for a good one. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let rest = schedule;
  if (/^(?:CRON_)?TZ=/.test(rest)) {
    const space = rest.indexOf(' ');
    const from = rest.indexOf('=') + 1;
    if (space < 0) return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
    const zone = rest.slice(from, space);
    if (!isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
    rest = rest.slice(space).trim();
  }
  return rest.startsWith('@') ? descriptorProblem(rest) : fieldsProblem(rest);
}

function descriptorProblem(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  try {
    parseDuration(text.slice('@every '.length));
    return undefined;
  } catch (e) {
    if (!isParseError(e)) throw e;
    return `failed to parse duration ${text}: ${e.message}`;
  }
}

function fieldsProblem(text: string): string | undefined {
  const given = text.split(/\s+/).filter((field) => field !== '');
  if (given.length !== FIELDS.length)
    return `expected exactly ${FIELDS.length} fields, found ${given.length}: [${given.join(' ')}]`;
  for (const [i, field] of given.entries()) {
    for (const range of field.split(',')) {
      const problem = range === '' ? undefined : rangeProblem(range, FIELDS[i]!);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** A range: `5`, `1-5`, `*`, each with an optional `/step`. */
function rangeProblem(text: string, bounds: FieldBounds): string | undefined {
  const [range, step, ...moreSteps] = text.split('/') as [string, string?, ...string[]];
  const [low, high, ...moreParts] = range.split('-') as [string, string?, ...string[]];
  const any = low === '*' || low === '?';
  const start = any ? bounds.min : readNumber(low, bounds);
  if (typeof start === 'string') return start;
  if (!any && moreParts.length > 0) return `too many hyphens: ${text}`;
  let end = any ? bounds.max : high === undefined ? start : readNumber(high, bounds);
  if (typeof end === 'string') return end;
  if (moreSteps.length > 0) return `too many slashes: ${text}`;
  const by = step === undefined ? 1 : readNumber(step, { min: 0, max: 0 });
  if (typeof by === 'string') return by;
  if (step !== undefined && high === undefined) end = bounds.max;
  return limitsProblem(text, start, end, by, bounds);
}

function limitsProblem(
  text: string,
  start: number,
  end: number,
  step: number,
  bounds: FieldBounds,
): string | undefined {
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
