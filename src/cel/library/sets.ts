import { addRanges, fixed, multiplyRanges, scaleRange } from '../cost-range.ts';
import { listContains } from '../equality.ts';
import { defineFunction, type FunctionCost, type FunctionDeclaration, globalOverload } from '../function.ts';
import { sizeOf as costSize } from '../kind.ts';
import { BOOL, listType, typeParam } from '../type.ts';
import type { CelValue, ListValue } from '../value.ts';

const LIST = listType(typeParam('T'));

/** Lists as sets: neither order nor repetition counts. */
export const SETS_LIBRARY: readonly FunctionDeclaration[] = [
  setFunction('contains', contains, 1),
  setFunction('equivalent', (a, b) => contains(a, b) && contains(b, a), 2),
  setFunction('intersects', (a, b) => [...a].some((element) => listContains(b, element)), 1),
];

function setFunction(name: string, call: (a: ListValue, b: ListValue) => boolean, factor: number): FunctionDeclaration {
  const apply = (a: CelValue, b: CelValue) => call(a as ListValue, b as ListValue);
  const cost = pairsCost(factor);
  return defineFunction(`sets.${name}`, [
    globalOverload(`list_sets_${name}_list`, [LIST, LIST], BOOL, apply, { cost }),
  ]);
}

function contains(list: ListValue, sublist: ListValue): boolean {
  return [...sublist].every((element) => listContains(list, element));
}

/** Each element is compared with each. */
function pairsCost(factor: number): FunctionCost {
  return {
    estimate: ({ args: [a, b], sizeOf }) => {
      if (!a || !b) return undefined;
      return { cost: addRanges(scaleRange(multiplyRanges(sizeOf(a), sizeOf(b)), factor), fixed(1)) };
    },
    track: ([a, b]) => 1 + Math.trunc(costSize(a!) * costSize(b!) * factor),
  };
}
