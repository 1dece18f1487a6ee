import { type CelValue, ListValue, MapValue, ObjectValue } from './value.ts';

/** How many code points a text has. */
export function textLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A pair is two units of one code point.
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) length--;
  }
  return length;
}

/** Characters, bytes, elements or entries; undefined for what has no size. */
export function sizeOf(value: CelValue): number | undefined {
  if (typeof value === 'string') return textLength(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  return value instanceof ObjectValue ? value.size() : undefined;
}

/** The size that a cost counts: what has none counts as 1. */
export function costSize(value: CelValue): number {
  return sizeOf(value) ?? 1;
}
