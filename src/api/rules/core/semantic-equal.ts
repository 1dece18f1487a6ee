import { type JsonValue, jsonEqual, parseQuantity } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** Fields whose values, or whose members' values, are quantities. */
const AMOUNTS = new Set(['limits', 'requests', 'overhead', 'capacity', 'allocatable', 'allocatedResources']);

/**
 * Equality of parts of objects as kube-apiserver's semantic DeepEqual sees it: quantities by their value, and an empty
 * list like none.
 */
export function semanticEqual(a: Loose, b: Loose): boolean {
  return jsonEqual(canonical(a), canonical(b));
}

function canonical(value: Loose): JsonValue {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const out: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries<Loose>(value)) {
    if (member === undefined || member === null || (Array.isArray(member) && member.length === 0)) continue;
    if (AMOUNTS.has(key) && typeof member === 'object') {
      if (Object.keys(member).length > 0) out[key] = canonicalAmounts(member);
    } else if (key === 'sizeLimit' || key === 'divisor') out[key] = canonicalAmount(member);
    else out[key] = canonical(member);
  }
  return out;
}

function canonicalAmounts(amounts: Record<string, string>): JsonValue {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, canonicalAmount(amount)]));
}

/** The value without trailing zeros, whatever it was written as. */
function canonicalAmount(amount: string): string {
  const { unscaled, exponent } = parseQuantity(amount);
  if (unscaled === 0n) return '0';
  const digits = unscaled.toString();
  const significant = digits.replace(/0+$/, '');
  return `${significant}e${exponent + digits.length - significant.length}`;
}
