import type { LogRecord } from './create-logger.ts';
import type { LogLevel } from './logger.ts';
import { errorFacts, isSecretName, shownError, shownText, shownValue, stackOf } from './shown.ts';

/** Names that a line has of its own; a value by such a name is written as `value.NAME`. */
const OWN = new Set(['level', 'ts', 'logger', 'msg', 'error', 'stacktrace']);

const COLORS: Readonly<Record<LogLevel, number>> = { error: 31, warn: 33, info: 34, debug: 35, trace: 90 };

/** A line of JSON with the names that controller-runtime's logs have: `level`, `ts`, `logger`, `msg`, `error`. */
export function jsonLine(record: LogRecord): string {
  const { level, at, name, message, failure } = record;
  return JSON.stringify({
    level,
    ts: new Date(at).toISOString(),
    ...(name !== '' && { logger: name }),
    msg: shownText(message),
    ...shownValues(record),
    ...(failure && failureOf(failure.error)),
  });
}

/** A line for people: time, level, name, message, values; an error below it with where it was made. */
export function consoleLine(record: LogRecord, color: boolean): string {
  const { level, at, name, message, failure } = record;
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const values = Object.entries({ ...shownValues(record), ...(failure && errorFacts(failure.error)) });
  const parts = [
    paint(90, new Date(at).toISOString()),
    paint(COLORS[level], level.toUpperCase().padEnd(5)),
    ...(name === '' ? [] : [paint(36, name)]),
    oneLine(shownText(message)),
    ...(failure?.error === undefined ? [] : [paint(31, `error=${JSON.stringify(shownError(failure.error))}`)]),
    ...values.map(([key, value]) => `${paint(90, `${key}=`)}${JSON.stringify(value) ?? 'undefined'}`),
  ];
  const stack = failure && stackOf(failure.error);
  return parts.join(' ') + (stack === undefined ? '' : `\n    ${stack.replaceAll('\n', '\n    ')}`);
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n');
}

function shownValues({ values }: LogRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      OWN.has(key) ? `value.${key}` : key,
      isSecretName(key, value) ? '(hidden)' : attempt(value),
    ]),
  );
}

/** A value whose getters throw must not keep a line from being written. */
function attempt(value: unknown): unknown {
  try {
    return shownValue(value);
  } catch {
    return '(unreadable)';
  }
}

function failureOf(error: unknown): Record<string, unknown> {
  if (error === undefined) return {};
  const stack = stackOf(error);
  return { error: shownError(error), ...errorFacts(error), ...(stack !== undefined && { stacktrace: stack }) };
}
