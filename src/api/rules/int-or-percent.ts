import { invalid, isValidPercent } from 'nekube/apimachinery';
import { type Check, type Loose, nonNegative } from './rule.ts';

/** A whole number from 0 on, or a percentage. */
export const checkIntOrPercent: Check = (value, path, context) => {
  if (typeof value !== 'string') return nonNegative(value, path, context);
  for (const message of isValidPercent(value)) context.errors.push(invalid(path, value, message));
};

/** A percentage is not above 100. */
export const checkAtMost100Percent: Check = (value, path, { errors }) => {
  if (isPercent(value) && Number.parseInt(value, 10) > 100)
    errors.push(invalid(path, value, 'must not be greater than 100%'));
};

/** The number in a number, a percentage or a text; 0 where there is none. */
export function intOrPercentValue(value: Loose): number {
  if (typeof value !== 'string') return value ?? 0;
  const digits = isPercent(value) ? value.slice(0, -1) : value;
  return /^[-+]?[0-9]+$/.test(digits) ? Number(digits) : 0;
}

function isPercent(value: Loose): value is string {
  return typeof value === 'string' && isValidPercent(value).length === 0;
}
