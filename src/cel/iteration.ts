import type { Step } from './frame.ts';
import { goType } from './kind.ts';
import { CelError, type CelValue, ListValue, MapValue } from './value.ts';

/** A comprehension, planned: its parts, and the slots of its variables. */
export interface Loop {
  readonly range: Step;
  readonly init: Step;
  readonly condition: Step;
  readonly step: Step;
  readonly result: Step;
  readonly accumulator: number;
  readonly first: number;
  /** Of the values, where the first variable has the indexes or keys. */
  readonly second: number | undefined;
}

/** Goes through a list or a map until the condition does not hold. */
export function loopStep({ range, init, condition, step, result, accumulator, first, second }: Loop): Step {
  return (frame) => {
    const over = range(frame);
    if (over instanceof CelError) return over;
    if (!(over instanceof ListValue) && !(over instanceof MapValue)) return notIterable(over, second !== undefined);
    const { locals } = frame;
    locals[accumulator] = init(frame);
    const iterate = (one: CelValue, two: CelValue | undefined): boolean => {
      locals[first] = one;
      if (second !== undefined) locals[second] = two!;
      if (condition(frame) === false) return false;
      locals[accumulator] = step(frame);
      return true;
    };
    if (over instanceof ListValue) iterateList(over, second !== undefined, iterate);
    else for (const key of over.keys()) if (!iterate(key, second && over.find(key))) break;
    return result(frame);
  };
}

function iterateList(
  list: ListValue,
  indexed: boolean,
  iterate: (one: CelValue, two: CelValue | undefined) => boolean,
): void {
  for (let i = 0; i < list.size; i++) {
    const element = list.get(i);
    if (!(indexed ? iterate(BigInt(i), element) : iterate(element, undefined))) return;
  }
}

function notIterable(value: CelValue, indexed: boolean): CelError {
  if (indexed) return new CelError(`unsupported comprehension range type: ${goType(value)}`);
  return new CelError(`got '${goType(value)}', expected iterable type`);
}
