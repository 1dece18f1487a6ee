import { equalValues } from './equality.ts';
import type { Step } from './frame.ts';
import type { FunctionCost } from './function.ts';
import { isUnhashable, unhashable } from './hashable.ts';
import { sizeOf, typeName } from './kind.ts';
import { contains } from './selection.ts';
import { CelError, ListValue, noSuchOverload, Optional } from './value.ts';

/** `&&` (absorbing false) and `||` (absorbing true): an error counts only if the other side does not decide. */
export function logicStep(left: Step, right: Step, absorbing: boolean): Step {
  return (frame) => {
    const a = left(frame);
    if (a === absorbing) return a;
    const b = right(frame);
    if (b === absorbing) return b;
    if (a === !absorbing && b === !absorbing) return a;
    if (a instanceof CelError) return a;
    return b instanceof CelError ? b : noSuchOverload();
  };
}

/** `test ? yes : no`, of which the other branch is not evaluated. */
export function conditionalStep(test: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const value = test(frame);
    if (value === true) return yes(frame);
    if (value === false) return no(frame);
    return value instanceof CelError ? value : noSuchOverload();
  };
}

/** `==`, and `!=` where it is negated. */
export function equalityStep(left: Step, right: Step, negated: boolean, track: FunctionCost['track']): Step {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.spend(track?.([a, b], true, 'equals') ?? Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * 0.1));
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    const equal = equalValues(a, b);
    // What cannot be compared is not equal.
    return negated ? equal !== true : equal;
  };
}

/** `value in container`; `isList` where that is known of it. */
export function membershipStep(value: Step, container: Step, isList: boolean): Step {
  return (frame) => {
    const found = value(frame);
    const inside = container(frame);
    frame.spend(isList ? sizeOf(inside) : 1);
    if (found instanceof CelError) return found;
    if (inside instanceof CelError) return inside;
    return contains(inside, found);
  };
}

/** `value in […]`, whose list is known: it is looked up without a cost of its own. */
export function constantMembershipStep(value: Step, list: ListValue): Step {
  return (frame) => {
    const found = value(frame);
    if (isUnhashable(found)) throw unhashable(found);
    return found instanceof CelError ? found : contains(list, found);
  };
}

/** Whether a list is of texts, numbers and bools. */
export function isSimpleSet(list: ListValue): boolean {
  for (const value of list) if (!['bool', 'double', 'int', 'string', 'uint'].includes(typeName(value))) return false;
  return true;
}

/** `a.or(b)`, and `a.orValue(b)`, which unwraps: the other side is evaluated only if the first is none. */
export function orStep(first: Step, other: Step, unwraps: boolean): Step {
  return (frame) => {
    const optional = first(frame);
    if (!(optional instanceof Optional)) return optional;
    if (optional.value === undefined) return other(frame);
    return unwraps ? optional.value : optional;
  };
}
