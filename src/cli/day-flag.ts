import { InvalidArgumentError } from 'commander';
import { isDay } from 'nekube/apimachinery';

/** A day of the calendar, as `2006-01-31`; for commander's `argParser`. @throws InvalidArgumentError for what is none */
export function parseDay(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError('It must be a day of the calendar, as 2006-01-31.');
}
