import { REGEX_LENGTH_FACTOR, STRING_TRAVERSAL_FACTOR } from './cost-range.ts';
import type { FunctionCost, Overload } from './function.ts';
import { sizeOf } from './kind.ts';
import type { CelValue } from './value.ts';

/** What a call did cost. */
export type CostOfCall = (args: readonly CelValue[], result: CelValue) => number;

const traversal = (size: number): number => Math.ceil(size * STRING_TRAVERSAL_FACTOR);
const ofFirst: CostOfCall = ([first]) => traversal(sizeOf(first!));
const ofSmaller: CostOfCall = ([a, b]) => traversal(Math.min(sizeOf(a!), sizeOf(b!)));
const ofBoth: CostOfCall = ([a, b]) => traversal(sizeOf(a!) + sizeOf(b!));
const ofProduct: CostOfCall = ([a, b]) => traversal(sizeOf(a!)) * traversal(sizeOf(b!));
const ofMatch: CostOfCall = ([text, pattern]) =>
  traversal(1 + sizeOf(text!)) * Math.ceil(sizeOf(pattern!) * REGEX_LENGTH_FACTOR);

/** What calls of the standard library cost that do not cost 1 (cel-go, interpreter/runtimecost.go). */
const STANDARD: Readonly<Record<string, CostOfCall>> = {
  starts_with_string: ofFirst,
  ends_with_string: ofFirst,
  string_to_bytes: ofFirst,
  bytes_to_string: ofFirst,
  strings_quote: ofFirst,
  string_format: ofFirst,
  less_string: ofSmaller,
  greater_string: ofSmaller,
  less_equals_string: ofSmaller,
  greater_equals_string: ofSmaller,
  less_bytes: ofSmaller,
  greater_bytes: ofSmaller,
  less_equals_bytes: ofSmaller,
  greater_equals_bytes: ofSmaller,
  add_string: ofBoth,
  add_bytes: ofBoth,
  matches_string: ofMatch,
  contains_string: ofProduct,
};

/** How the calls of an overload are counted, and else those of its function; undefined where each costs 1. */
export function callCost({ id, cost }: Overload, ofFunction: FunctionCost | undefined): CostOfCall | undefined {
  const track = cost?.track ?? ofFunction?.track;
  const standard = STANDARD[id];
  if (track === undefined) return standard;
  return (args, result) => track(args, result, id) ?? standard?.(args, result) ?? 1;
}
