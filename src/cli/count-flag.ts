import { InvalidArgumentError, Option } from 'commander';

/** An option whose value is a whole number, 1 or more. */
export function counting(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It must be a number, 1 or more.');
    return value;
  });
}

/** An option whose value is a whole number of a range, or a prime of it. */
export function bounded(
  flags: string,
  description: string,
  { least, most, isPrime = false }: { readonly least: number; readonly most: number; readonly isPrime?: boolean },
): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    const fits = /^\d+$/.test(text) && value >= least && value <= most && (!isPrime || hasNoDivisor(value));
    if (!fits) throw new InvalidArgumentError(`It must be a ${isPrime ? 'prime' : 'number'} from ${least} to ${most}.`);
    return value;
  });
}

function hasNoDivisor(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}
