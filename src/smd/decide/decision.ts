/**
 * What becomes of a field that an apply would change and another manager owns.
 *
 * - `fail`: the apply is refused, and nothing is written
 * - `yield`: the live value stays, and the applying manager does not own it
 * - `share`: the live value stays, and both own it
 * - `force`: the applied value wins, and the other does not own it any more
 */
export type Decision = 'fail' | 'yield' | 'share' | 'force';

/** From the most careful to the least. */
const order: readonly Decision[] = ['fail', 'yield', 'share', 'force'];

/** The more careful of two: where one field is in conflict with several managers, the one that counts. */
export function stricter(a: Decision, b: Decision): Decision {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}
