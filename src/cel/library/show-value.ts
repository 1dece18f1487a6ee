import { formatTimestamp } from '../time.ts';
import { type CelValue, Duration, ListValue, MapValue, Timestamp, TypeValue, Uint } from '../value.ts';
import { formatDuration, formatGoFloat, goQuote } from 'nekube/apimachinery';

/** A value as Go's `%v` shows it within a message. */
export function showValue(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatGoFloat(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return `[${[...value].join(' ')}]`;
  if (value instanceof ListValue) return `[${[...value].map(showValue).join(', ')}]`;
  if (value instanceof MapValue) {
    return `{${[...value.keys()].map((key) => `${showValue(key)}: ${showValue(value.find(key)!)}`).join(', ')}}`;
  }
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  return value === null ? '0' : typeof value === 'object' ? goQuote('') : String(value);
}
