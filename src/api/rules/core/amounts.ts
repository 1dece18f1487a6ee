import { parseQuantity } from 'nekube/apimachinery';

/** Rounds amounts of resources that are finer than a thousandth up to one, in place. */
export function roundUpAmounts(amounts: Record<string, string> | undefined): void {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const quantity = parseQuantity(text);
    const milli = parseQuantity(`${quantity.milliValue()}m`);
    if (milli.cmp(quantity) > 0) amounts![name] = milli.toString();
  }
}
