import { jsonEqual, type JsonObject } from 'nekube/apimachinery';

/** v1.Toleration. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** All tolerations of both, without those that another one includes. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [i, one] of all.entries()) {
    if (merged.some((other) => includes(other, one))) continue;
    if (all.slice(i + 1).some((other) => !same(one, other) && includes(other, one))) continue;
    merged.push(one);
  }
  return merged;
}

/** Whether one of the list includes each toleration; an empty list forbids nothing. */
export function areAllowed(tolerations: readonly Toleration[], allowed: readonly Toleration[]): boolean {
  return allowed.length === 0 || tolerations.every((one) => allowed.some((other) => includes(other, one)));
}

function same(a: Toleration, b: Toleration): boolean {
  return jsonEqual(a as JsonObject, b as JsonObject);
}

/** Whether the first one tolerates all that the second does. */
function includes(wide: Toleration, narrow: Toleration): boolean {
  if (same(wide, narrow)) return true;
  if ((wide.key ?? '') !== (narrow.key ?? '') && (wide.key || wide.operator !== 'Exists')) return false;
  if (wide.effect && wide.effect !== (narrow.effect ?? '')) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  const isEqual = wide.operator === undefined || wide.operator === '' || wide.operator === 'Equal';
  return isEqual && narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? '');
}
