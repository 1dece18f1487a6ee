/** What a line is about, by name: `{ namespace, name, attempt: 3 }`. Objects of the API are shown by reference. */
export type LogValues = Readonly<Record<string, unknown>>;

/** How much is said, from what must be seen to what helps only its author. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Says what happens, as messages that stay the same and values that differ. Never throws, and never shows the data of
 * Secrets, tokens or private keys, wherever in a value they stand.
 */
export interface Logger {
  /** Something failed that nobody else reports. The error may be anything that was thrown, or absent. */
  error(error: unknown, message: string, values?: LogValues): void;
  /** Something is not as it should be, and work goes on. */
  warn(message: string, values?: LogValues): void;
  info(message: string, values?: LogValues): void;
  debug(message: string, values?: LogValues): void;
  trace(message: string, values?: LogValues): void;
  /** Whether lines of a level are written; for values that are costly to get. */
  enabled(level: LogLevel): boolean;
  /** A logger whose lines have these values too. */
  with(values: LogValues): Logger;
  /** A logger with a name, which is added to the one that it has: `manager.web`. */
  named(name: string): Logger;
}

/** Says nothing. */
export const silentLogger: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
  enabled: () => false,
  with: () => silentLogger,
  named: () => silentLogger,
};
