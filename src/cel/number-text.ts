/** A finite double, not negative, with so many decimals: exact, halves to even. */
export function toFixedDecimals(value: number, decimals: number): string {
  const { digits, scale } = exactDecimal(value);
  const text = shift(digits, decimals - scale)
    .toString()
    .padStart(decimals + 1, '0');
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** Likewise in scientific form: one digit before the point. */
export function toScientific(value: number, decimals: number): { mantissa: string; exponent: number } {
  if (value === 0) return { mantissa: toFixedDecimals(0, decimals), exponent: 0 };
  const { digits, scale } = exactDecimal(value);
  const length = digits.toString().length;
  let rounded = shift(digits, decimals + 1 - length).toString();
  let exponent = length - 1 - scale;
  if (rounded.length > decimals + 1) {
    rounded = rounded.slice(0, -1);
    exponent++;
  }
  return { mantissa: decimals === 0 ? rounded : `${rounded[0]}.${rounded.slice(1)}`, exponent };
}

/** `digits / 10^scale`, without loss. */
function exactDecimal(value: number): { digits: bigint; scale: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  const exponent = Math.max(biased, 1) - 1075;
  if (exponent >= 0) return { digits: mantissa << BigInt(exponent), scale: 0 };
  return { digits: mantissa * 5n ** BigInt(-exponent), scale: -exponent };
}

/** `digits * 10^places`, halves to even. */
function shift(digits: bigint, places: number): bigint {
  if (places >= 0) return digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  const [quotient, rest] = [digits / divisor, (digits % divisor) * 2n];
  const up = rest > divisor || (rest === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
