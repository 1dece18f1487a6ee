import { LOG_LEVELS, type Logger, type LogLevel, type LogValues } from './logger.ts';
import { consoleLine, jsonLine } from './lines.ts';

/** How a logger writes. */
export interface LoggerOptions {
  /** The least important level that is written; default `info`. */
  readonly level?: LogLevel;
  /** `json`, the default, for programs that read it; `console` for people. */
  readonly format?: 'json' | 'console';
  /** Takes a line with its end; default: stderr. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970; default: the system's. */
  readonly now?: () => number;
  /** Colours, for `console`; default: if stderr is a terminal and NO_COLOR is not set. */
  readonly color?: boolean;
}

/** One line before it is written. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly at: number;
  readonly name: string;
  readonly message: string;
  readonly values: LogValues;
  /** `{ error }` where there is one; what was thrown may be undefined. */
  readonly failure?: { readonly error: unknown };
}

/** Makes a logger that writes lines, to stderr unless told otherwise. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', format = 'json', now = Date.now } = options;
  const write = options.write ?? ((line) => void process.stderr.write(line));
  const color = options.color ?? (process.stderr.isTTY === true && !process.env.NO_COLOR);
  const most = LOG_LEVELS.indexOf(level);
  if (most < 0)
    throw new RangeError(`Cannot log at level ${JSON.stringify(level)}: must be one of ${LOG_LEVELS.join(', ')}`);
  const line = format === 'json' ? jsonLine : (record: LogRecord) => consoleLine(record, color);
  const enabled = (one: LogLevel): boolean => LOG_LEVELS.indexOf(one) <= most;
  return loggerOf('', {}, enabled, (record) => write(`${line({ ...record, at: now() })}\n`));
}

/** A logger that hands its records on, for one's own way of writing. */
export function loggerOf(
  name: string,
  fixed: LogValues,
  enabled: (level: LogLevel) => boolean,
  take: (record: Omit<LogRecord, 'at'>) => void,
): Logger {
  const log = (
    level: LogLevel,
    message: string,
    values: LogValues = {},
    failure?: { readonly error: unknown },
  ): void => {
    if (!enabled(level)) return;
    take({ level, name, message, values: { ...fixed, ...values }, ...(failure && { failure }) });
  };
  return {
    error: (error, message, values) => log('error', message, values, { error }),
    warn: (message, values) => log('warn', message, values),
    info: (message, values) => log('info', message, values),
    debug: (message, values) => log('debug', message, values),
    trace: (message, values) => log('trace', message, values),
    enabled,
    with: (values) => loggerOf(name, { ...fixed, ...values }, enabled, take),
    named: (more) => loggerOf(name === '' ? more : `${name}.${more}`, fixed, enabled, take),
  };
}
