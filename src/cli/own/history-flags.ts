import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration, parseQuantity } from 'nekube/apimachinery';
import type { WarRules } from 'nekube/ownership';

/** Where histories are kept unless it is said. */
export const DEFAULT_STORE = '.nekube/history';

/** What counts as a drift war, as flags say it. */
export interface WarFlags {
  readonly warWindow: number;
  readonly warReturns: number;
}

/** Adds the flags that say what a drift war is. */
export function withWarFlags(command: Command): Command {
  return command
    .addOption(durationOption('--war-window <duration>', 'a value must return within so long', '1h'))
    .option('--war-returns <count>', 'so often must a manager bring back a value that another replaced', count, 2);
}

/** A flag whose value is a duration, with a default that is shown as it is written. */
export function durationOption(flags: string, description: string, text: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(text), text);
}

/** The rules that flags say. */
export function warRulesOf({ warWindow, warReturns }: WarFlags): WarRules {
  return { windowMs: warWindow, returns: warReturns };
}

/** Milliseconds of a duration: `90s`, `1h30m`, and with days `7d`. @throws InvalidArgumentError */
export function duration(text: string): number {
  const [, days = '0', rest = ''] = /^(?:(\d+)d)?(.*)$/.exec(text) ?? [];
  try {
    const ms = Number(days) * 86_400_000 + (rest === '' ? 0 : Number(parseDuration(rest) / 1_000_000n));
    if (ms > 0) return ms;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('must be a duration above 0, as in 90s, 1h30m or 7d');
}

/** Bytes of a quantity: `500Mi`, `2Gi`. @throws InvalidArgumentError */
export function size(text: string): number {
  try {
    const bytes = Number(parseQuantity(text).value());
    if (bytes > 0) return bytes;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('must be a number of bytes, as in 500Mi or 2Gi');
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('must be a whole number from 1');
}
