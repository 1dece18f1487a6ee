import { InvalidArgumentError, Option } from 'commander';

/** An option whose value is a whole number, 1 or more. */
export function counting(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It must be a number, 1 or more.');
    return value;
  });
}
