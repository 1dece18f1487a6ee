import { type FieldPath, formatPath } from '../fieldpath/path.ts';

/**
 * What becomes of a field that an apply would change and another manager owns.
 *
 * - `fail`: the apply is refused, and nothing is written
 * - `yield`: the field is left out of the apply: the live value stays, and the applying manager does not own it. A part that
 *   gets empty so is left out, too; if the manager applied that before, it is pruned with the live values in it, as by any
 *   apply without it
 * - `share`: the live value stays, and both own it
 * - `force`: the applied value wins, and the other does not own it any more
 */
export type Decision = 'fail' | 'yield' | 'share' | 'force';

/** From the most careful to the least. */
const CAREFULNESS: readonly Decision[] = ['fail', 'yield', 'share', 'force'];

/** True for what is carried out by applying something else than was asked for: `yield` and `share`. */
export function keepsLiveValue(decision: Decision): boolean {
  return decision === 'yield' || decision === 'share';
}

/**
 * The verdicts on conflicts, one each in their order, where one field has one: of several managers that own it, the
 * strictest verdict counts.
 *
 * @param order the decisions from the strictest; for those who know of more than the four
 */
export function strictestByField<Verdict extends { readonly decision: string }>(
  conflicts: readonly { readonly path: FieldPath }[],
  verdicts: readonly Verdict[],
  order: readonly Verdict['decision'][] = CAREFULNESS,
): Verdict[] {
  if (verdicts.length !== conflicts.length)
    throw new RangeError(`${conflicts.length} conflicts need as many decisions, got ${verdicts.length}`);
  const byField = new Map<string, Verdict>();
  for (const [i, { path }] of conflicts.entries()) {
    const field = formatPath(path);
    const other = byField.get(field);
    const verdict = verdicts[i]!;
    const isStricter = other === undefined || order.indexOf(verdict.decision) < order.indexOf(other.decision);
    if (isStricter) byField.set(field, verdict);
  }
  return conflicts.map(({ path }) => byField.get(formatPath(path))!);
}
