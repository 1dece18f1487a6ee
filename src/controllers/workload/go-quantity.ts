import { canonicalQuantity, parseQuantity } from 'nekube/apimachinery';

/**
 * The fields of Go's resource.Quantity after it was read: an int64 with a scale, or, for what that cannot hold, a decimal.
 *
 * @param given A quantity in any form
 */
export function goQuantity(given: string): string {
  const written = canonicalQuantity(given);
  const { unscaled, exponent, format, big, text } = parseQuantity(written);
  // the one name of zero is kept too
  const kept = written === '0' ? written : (text ?? '');
  const amount = big
    ? 'value:(int64)0 scale:(resource.Scale)0'
    : `value:(int64)${unscaled} scale:(resource.Scale)${exponent}`;
  const decimal = big ? decimalOf(unscaled, exponent) : '(*inf.Dec)<nil>';
  const parts = `i:(resource.int64Amount){${amount}} d:(resource.infDecAmount){Dec:${decimal}}`;
  return `{${parts} s:(string)${kept} Format:(resource.Format)${format}}`;
}

/** Rounded to nano, by which even a whole number is written in units of it. */
function decimalOf(unscaled: bigint, exponent: number): string {
  const scale = unscaled === 0n ? -exponent : 9;
  const words: bigint[] = [];
  const amount = (unscaled < 0n ? -unscaled : unscaled) * 10n ** BigInt(scale + exponent);
  for (let rest = amount; rest > 0n; rest >>= 64n) words.push(BigInt.asUintN(64, rest));
  const abs = words.length === 0 ? '<nil>' : `[${words.join(' ')}]`;
  return `(*inf.Dec){unscaled:(big.Int){neg:(bool)${unscaled < 0n} abs:(big.nat)${abs}} scale:(inf.Scale)${scale}}`;
}

/** A text that is the same for all ways to write an amount. */
export function amountText(given: string): string {
  const { unscaled, exponent } = parseQuantity(given);
  if (unscaled === 0n) return '0';
  const digits = String(unscaled);
  const significant = digits.replace(/0+$/, '');
  return `${significant}e${exponent + digits.length - significant.length}`;
}
