import {
  addRanges,
  type CostRange,
  fixed,
  LIST_CREATE_COST,
  multiplyRanges,
  type Range,
  scaleRange,
  type SizeRange,
  STRING_TRAVERSAL_FACTOR,
  UNBOUNDED,
} from '../cost-range.ts';
import { equalValues } from '../equality.ts';
import {
  type CallEstimate,
  type CostNode,
  defineFunction,
  type FunctionCost,
  type FunctionDeclaration,
  globalOverload,
  memberOverload,
} from '../function.ts';
import { Interruption } from '../interruption.ts';
import { compareValues, isComparable } from '../ordering.ts';
import { sizeOf as costSize } from '../kind.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  STRING,
  TIMESTAMP,
  typeParam,
  UINT,
} from '../type.ts';
import { goType, typeName } from '../kind.ts';
import { ArrayList, CelError, type CelValue, ListValue, noSuchOverload } from '../value.ts';

const COMPARABLE: readonly CelType[] = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES];
const T = typeParam('T');
const LIST = listType(T);

/** cel-go's own additions to lists (version 3). */
export const MORE_LISTS_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('slice', [
    memberOverload('list_slice', [LIST, INT, INT], LIST, slice, {
      cost: {
        estimate: ({ target, args, sizeOf }) => target && estimateSlice(sizeOf(target), args),
        track: trackResult,
      },
    }),
  ]),
  defineFunction(
    'flatten',
    [
      memberOverload('list_flatten', [listType(LIST)], LIST, flatten, { cost: flattenCost() }),
      memberOverload('list_flatten_int', [listType(DYN), INT], listType(DYN), flatten, { cost: flattenCost() }),
    ],
    { unguarded: true },
  ),
  defineFunction(
    'sort',
    COMPARABLE.map((type) =>
      memberOverload(`list_${type.name}_sort`, [listType(type)], listType(type), (list) => sortBy(list, list), {
        cost: sortCost(type, ({ target }) => target, 0),
      }),
    ),
    { unguarded: true },
  ),
  defineFunction(
    '@sortByAssociatedKeys',
    COMPARABLE.map((type) =>
      memberOverload(`list_${type.name}_sortByAssociatedKeys`, [LIST, listType(type)], LIST, sortBy, {
        cost: sortCost(type, ({ args }) => args[0], 1),
      }),
    ),
    { unguarded: true },
  ),
  defineFunction('lists.range', [
    globalOverload('lists_range', [INT], listType(INT), (end) => new IntegerRange(end as bigint), {
      cost: {
        estimate: ({ args }) => allocating(1, fixed(intOf(args[0], UNBOUNDED))),
        track: trackResult,
      },
    }),
  ]),
  defineFunction('reverse', [
    memberOverload('list_reverse', [LIST], LIST, (list) => new ArrayList([...(list as ListValue)].reverse()), {
      cost: { estimate: ({ target, sizeOf }) => target && allocating(1, sizeOf(target)), track: trackResult },
    }),
  ]),
  defineFunction('distinct', [
    memberOverload('list_distinct', [LIST], LIST, distinct, {
      cost: {
        estimate: ({ target, sizeOf }) => target && allocating(2, multiplyRanges(sizeOf(target), sizeOf(target))),
        track: ([list]) => pairsCost(list!),
      },
    }),
  ]),
];

function slice(list: CelValue, start: CelValue, end: CelValue): CelValue {
  const refuse = (why: string) => new CelError(`cannot slice(${start}, ${end}), ${why}`);
  const { size } = list as ListValue;
  const [from, to] = [start as bigint, end as bigint];
  if (from < 0n || to < 0n) return refuse('negative indexes not supported');
  if (from > to) return refuse('start index must be less than or equal to end index');
  if (to > BigInt(size)) return refuse(`list is length ${size}`);
  const elements: CelValue[] = [];
  for (let i = Number(from); i < Number(to); i++) elements.push((list as ListValue).get(i));
  return new ArrayList(elements);
}

/** One level, or as many as are said. Arguments are not checked before. */
function flatten(list: CelValue, depth: CelValue = 1n): CelValue {
  const one = arguments.length === 1;
  if (!(list instanceof ListValue) || typeof depth !== 'bigint') {
    return new CelError(`no such overload: ${typeName(list)}.flatten(${one ? '' : typeName(depth)})`);
  }
  if (depth < 0n) return new CelError('level must be non-negative');
  const elements: CelValue[] = [];
  collect(list, depth, elements);
  return new ArrayList(elements);
}

function collect(list: ListValue, depth: bigint, into: CelValue[]): void {
  for (const element of list) {
    if (element instanceof ListValue && depth > 0n) collect(element, depth - 1n, into);
    else into.push(element);
  }
}

/** Elements in the order of their keys, which must be of one type. */
function sortBy(list: CelValue, keys: CelValue): CelValue {
  if (!(list instanceof ListValue)) return noSuchOverload();
  const [elements, order] = [[...(list as ListValue)], [...(keys as ListValue)]];
  if (elements.length !== order.length) {
    return new CelError(
      '@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ' +
        `${elements.length} and ${order.length} elements respectively`,
    );
  }
  if (elements.length === 0) return list;
  if (!isComparable(order[0]!)) return new CelError('list elements must be comparable');
  const type = typeName(order[0]!);
  if (order.some((key) => typeName(key) !== type)) return new CelError('list elements must have the same type');
  const indices = elements.map((_, i) => i);
  indices.sort((a, b) => compareForSort(order[a]!, order[b]!));
  return new ArrayList(indices.map((i) => elements[i]!));
}

/** NaN is before and after nothing. */
function compareForSort(a: CelValue, b: CelValue): number {
  const compared = compareValues(a, b);
  return compared instanceof CelError ? 0 : compared;
}

function distinct(list: CelValue): CelValue {
  const kept: CelValue[] = [];
  for (const element of list as ListValue) {
    if (!kept.some((other) => equalValues(element, other) === true)) kept.push(element);
  }
  return new ArrayList(kept);
}

/** 0 to `end - 1`, without holding them. */
class IntegerRange extends ListValue {
  readonly size: number;

  constructor(end: bigint) {
    super();
    this.size = end > 0n ? Number(end) : 0;
  }

  get(index: number): CelValue {
    return BigInt(index);
  }
}

/** The cost of a call that makes a list. */
function allocatingCost(factor: number, size: Range): CostRange {
  return addRanges(scaleRange(size, factor), fixed(1 + LIST_CREATE_COST));
}

function allocating(factor: number, size: SizeRange): CallEstimate {
  return { cost: allocatingCost(factor, size), resultSize: size };
}

function trackAllocating(factor: number, size: number): number {
  return toUint64(size * factor, 1 + LIST_CREATE_COST);
}

/** As Go converts a double: below zero it wraps around, and what is too large is a half. */
function toUint64(value: number, added: number): number {
  const sum = Math.trunc(value) + added;
  if (sum < 0) return UNBOUNDED + sum;
  return value < UNBOUNDED ? sum : UNBOUNDED / 2 + added;
}

function trackResult(_: readonly CelValue[], result: CelValue): number {
  return trackAllocating(1, costSize(result));
}

/** A literal, or else `otherwise`; negative ones count as none. */
function intOf(node: CostNode | undefined, otherwise: number): number {
  const value = node?.literal;
  if (typeof value !== 'bigint') return otherwise;
  return value < 0n ? 0 : Number(value);
}

/** An end before the start is told as cel-go does: as an uint64 below zero. */
function estimateSlice(size: SizeRange, args: readonly CostNode[]): CallEstimate | undefined {
  if (args.length !== 2) return undefined;
  const length = intOf(args[1], size.max) - intOf(args[0], 0);
  return allocating(1, fixed(length < 0 ? UNBOUNDED + length : length));
}

function flattenCost(): FunctionCost {
  return {
    estimate: ({ target, args, sizeOf }) =>
      target && allocating(args.length === 1 ? intOf(args[0], UNBOUNDED) : 1, sizeOf(target)),
    track: ([list, depth = 1n]) => {
      if (typeof depth !== 'bigint')
        throw new Interruption(`internal error: interface conversion: ref.Val is ${goType(depth)}, not types.Int`);
      return trackAllocating(Number(depth), costSize(list!));
    },
  };
}

/** Each key is compared with each. */
function sortCost(
  type: CelType,
  keysOf: (call: { target: CostNode | undefined; args: readonly CostNode[] }) => CostNode | undefined,
  keysAt: number,
): FunctionCost {
  const factor = type === STRING || type === BYTES ? 2 + STRING_TRAVERSAL_FACTOR : 2;
  return {
    estimate: (call) => {
      const keys = keysOf(call);
      if (!keys) return undefined;
      const size = call.sizeOf(keys);
      return allocating(factor, multiplyRanges(size, size));
    },
    track: (args) => pairsCost(args[keysAt]!),
  };
}

function pairsCost(list: CelValue): number {
  if (!(list instanceof ListValue)) throw notAList();
  if (list.size === 0) return trackAllocating(2, 0);
  const first = list.get(0);
  const text = typeof first === 'string' || first instanceof Uint8Array;
  return trackAllocating(text ? 2 + STRING_TRAVERSAL_FACTOR : 2, list.size * list.size);
}

/** As a failed argument is told where its cost is to be counted as that of a list. */
function notAList(): Interruption {
  return new Interruption('internal error: interface conversion: *types.Err is not traits.Lister: missing method Add');
}
