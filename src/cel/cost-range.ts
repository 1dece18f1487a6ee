/** The largest cost or size: an uint64's, as near as a double comes to it. What is more stays there. */
export const UNBOUNDED: number = 2 ** 64;

/** From least to most, as costs and sizes are estimated before a value is known. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** In units of cost. */
export type CostRange = Range;

/** In characters, bytes, elements or entries. */
export type SizeRange = Range;

/** For each character of a text that is gone through. */
export const STRING_TRAVERSAL_FACTOR = 0.1;
/** For each character of a pattern. */
export const REGEX_LENGTH_FACTOR = 0.25;
/** For each new list. */
export const LIST_CREATE_COST = 10;
/** For each new map. */
export const MAP_CREATE_COST = 30;
/** For each new object. */
export const STRUCT_CREATE_COST = 40;

/** From `value` to `value`. */
export function fixed(value: number): Range {
  return { min: value, max: value };
}

/** Anything. */
export const ANY_SIZE: Range = { min: 0, max: UNBOUNDED };

/** The sum. */
export function addRanges(a: Range, b: Range): Range {
  return { min: saturate(a.min + b.min), max: saturate(a.max + b.max) };
}

/** The product. */
export function multiplyRanges(a: Range, b: Range): Range {
  return { min: saturate(a.min * b.min), max: saturate(a.max * b.max) };
}

/** Each end times a factor, rounded up. */
export function scaleRange({ min, max }: Range, factor: number): Range {
  return { min: saturate(Math.ceil(min * factor)), max: saturate(Math.ceil(max * factor)) };
}

/** The smallest range that holds both. */
export function uniteRanges(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function saturate(value: number): number {
  return value > UNBOUNDED ? UNBOUNDED : value;
}
