import { ParseError } from './parse-error.ts';
import { quoteAsTime } from './time.ts';

const UNIT_NANOS = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const LIMIT = 2n ** 63n;

/**
 * Reads a Go duration such as `1h2m3.5s` or `-300ms`, in nanoseconds.
 *
 * @throws ParseError with the messages of Go's time.ParseDuration.
 */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith('-');
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw durationError(text);
  let total = 0n;
  while (rest !== '') {
    const part = /^([0-9]*)(?:(\.)([0-9]*))?/.exec(rest)!;
    const [whole, digits, , fraction = ''] = part;
    if (digits === '' && fraction === '') throw durationError(text);
    const unit = /^[^.0-9]*/.exec(rest.slice(whole.length))![0];
    if (unit === '') throw new ParseError(`time: missing unit in duration ${quoteAsTime(text)}`);
    const nanos = UNIT_NANOS.get(unit);
    if (nanos === undefined)
      throw new ParseError(`time: unknown unit ${quoteAsTime(unit)} in duration ${quoteAsTime(text)}`);
    total += BigInt(digits || '0') * nanos + fractionOf(fraction.slice(0, 18), nanos);
    if (total > LIMIT) throw durationError(text);
    rest = rest.slice(whole.length + unit.length);
  }
  if (!negative && total === LIMIT) throw durationError(text);
  return negative ? -total : total;
}

function durationError(text: string): ParseError {
  return new ParseError(`time: invalid duration ${quoteAsTime(text)}`, { sourceLine: text.slice(0, 200) });
}

function fractionOf(digits: string, nanos: bigint): bigint {
  return digits === '' ? 0n : (BigInt(digits) * nanos) / 10n ** BigInt(digits.length);
}

/** Writes nanoseconds as Go's Duration.String: `1h2m3.5s`, `300ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) return `-${formatDuration(-nanos)}`;
  if (nanos === 0n) return '0s';
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${decimal(nanos, 3)}µs`;
  if (nanos < 1_000_000_000n) return `${decimal(nanos, 6)}ms`;
  const seconds = `${decimal(nanos % 60_000_000_000n, 9)}s`;
  const minutes = nanos / 60_000_000_000n;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value / 10^places` without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction && `.${fraction}`);
}

/** An age as kubectl prints it (duration.HumanDuration): two or three significant figures. Takes milliseconds. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`;
}

/** An age in one figure (duration.ShortHumanDuration). Takes milliseconds. */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 24) return `${hours}h`;
  return hours < 24 * 365 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24 / 365)}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${large}${largeUnit}${small === 0 ? '' : `${small}${smallUnit}`}`;
}
