import type { Message } from 'nekube/xds';
import type { Fraction } from '../../model/index.ts';

type FractionalPercent = Message<'envoy.type.v3.FractionalPercent'>;

/**
 * A fraction in Envoy's denominators, the smallest that is exact, or else parts of ten thousand: Envoy draws one number for a
 * request and looks at its last digits, so a fraction of few digits has nothing to do with the choice of a backend by the first
 * digits (`choices.ts`).
 */
export function fractionalPercent({ numerator, denominator }: Fraction): FractionalPercent {
  const share = Math.min(1, Math.max(0, denominator > 0 ? numerator / denominator : 0));
  for (const [name, of] of [
    ['HUNDRED', 100],
    ['TEN_THOUSAND', 10_000],
  ] as const) {
    const parts = share * of;
    if (Math.abs(parts - Math.round(parts)) < 1e-9 || (of === 10_000 && parts >= 1)) {
      return { numerator: Math.round(parts), denominator: name };
    }
  }
  return { numerator: Math.round(share * 1_000_000), denominator: 'MILLION' };
}

/** The same of a percentage, 0 to 100. */
export function percent(value: number): FractionalPercent {
  return fractionalPercent({ numerator: value, denominator: 100 });
}
