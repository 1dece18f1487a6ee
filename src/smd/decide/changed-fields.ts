import type { FieldSet } from '../fieldpath/set.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';

/**
 * The fields that a configuration changes in an object or adds to it, before anything is removed that was applied earlier.
 *
 * @returns Undefined where they do not merge.
 */
export function changedFields(live: TypedValue, config: TypedValue): FieldSet | undefined {
  const merged = live.merge(config);
  const comparison = merged instanceof Violations ? merged : live.compare(merged);
  return comparison instanceof Violations ? undefined : comparison.modified.union(comparison.added);
}
