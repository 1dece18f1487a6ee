import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from 'nekube/apimachinery';

/** An option whose value is a duration: milliseconds, when it is read. */
export function lasting(flags: string, description: string, standard: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(standard), standard);
}

/** The same without a default. */
export function lastingIfGiven(flags: string, description: string): Option {
  return new Option(flags, description).argParser(duration);
}

/** Milliseconds of a duration as Go writes it. @throws InvalidArgumentError */
function duration(text: string): number {
  try {
    return Number(parseDuration(text) / 1_000_000n);
  } catch {
    throw new InvalidArgumentError('It must be a duration like 30s or 5m.');
  }
}
