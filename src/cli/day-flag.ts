import { InvalidArgumentError } from 'commander';

/** A day of the calendar, as `2006-01-31`; for commander's `argParser`. @throws InvalidArgumentError for what is none */
export function parseDay(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // there is no 30th of February, but some engines read one
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('It must be a day of the calendar, as 2006-01-31.');
}
