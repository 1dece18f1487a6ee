import {
  addRanges,
  type CostRange,
  fixed,
  LIST_CREATE_COST,
  multiplyRanges,
  type Range,
  REGEX_LENGTH_FACTOR,
  scaleRange,
  type SizeRange,
  STRING_TRAVERSAL_FACTOR,
  STRUCT_CREATE_COST,
  UNBOUNDED,
} from '../cost-range.ts';
import type { CallEstimate, CostNode, EstimatedCall, FunctionCost } from '../function.ts';
import { sizeOf as costSize } from '../kind.ts';
import { sameType } from '../type.ts';
import { type CelValue, ListValue, MapValue } from '../value.ts';
import { FORMAT_TYPE, NamedFormat } from './named-format.ts';
import { LibraryValue } from './library-value.ts';

/**
 * What calls cost in Kubernetes, by the function's name: a function of another library that has the same name costs the
 * same. The numbers are part of the API: a definition that was accepted must stay acceptable.
 */
export const FUNCTION_COSTS: ReadonlyMap<string, FunctionCost> = new Map(
  Object.entries(costs()).flatMap(([names, cost]) =>
    names.split(' ').map((name): [string, FunctionCost] => [name, cost]),
  ),
);

function costs(): Record<string, FunctionCost> {
  const one = constant(1);
  return {
    // Two checks are all that a rule can afford.
    check: constant(350_000),
    'serviceAccount path group resource subresource namespace name allowed reason error errored': one,
    'fieldSelector labelSelector': { estimate: estimateSelector, track: trackSelector },
    'isSorted sum max min indexOf lastIndexOf': { estimate: estimateListScan, track: trackListScan },
    'url jsonpatch.escapeKey': { estimate: estimateReading(true), track: trackTraversal(1) },
    'lowerAscii upperAscii substring trim': { estimate: estimateTextChange, track: trackTraversal(1) },
    replace: { estimate: estimateReplace, track: trackTraversal(2) },
    split: { estimate: estimateSplit, track: trackTraversal(2) },
    join: { estimate: estimateJoin, track: (_, result) => traversal(costSize(result), 2) },
    'find findAll': { estimate: estimateFind, track: trackFind },
    'cidr isIP isCIDR quantity isQuantity semver isSemver': {
      estimate: estimateReading(false),
      track: trackTraversal(1),
    },
    ip: {
      estimate: (call) => (call.overloadId === 'cidr_ip' ? { cost: fixed(1) } : estimateReading(false)(call)),
      track: (args, _, id) => (id === 'cidr_ip' ? 1 : trackTraversal(1)(args)),
    },
    'ip.isCanonical': {
      estimate: ({ args, sizeOf }) => ({ cost: traversalRange(sizeOf(args[0]!), 2) }),
      track: trackTraversal(2),
    },
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast': one,
    containsIP: { estimate: (call) => estimateContains(call, false), track: trackContainsIp },
    containsCIDR: { estimate: (call) => estimateContains(call, true), track: trackContainsCidr },
    validate: { estimate: estimateValidate, track: trackValidate },
    'format.named': one,
    'sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch': one,
    'getScheme getHostname getHost getPort getEscapedPath getQuery': one,
    '_==_': { estimate: estimateEquality, track: ([a]) => (a instanceof LibraryValue ? 1 : undefined) },
  };
}

function constant(cost: number): FunctionCost {
  return { estimate: () => ({ cost: fixed(cost) }), track: () => cost };
}

function traversal(size: number, times: number): number {
  return Math.ceil(size * times * STRING_TRAVERSAL_FACTOR);
}

function traversalRange(size: Range, times = 1): CostRange {
  return scaleRange(size, times * STRING_TRAVERSAL_FACTOR);
}

function trackTraversal(times: number): (args: readonly CelValue[]) => number {
  return ([first]) => traversal(costSize(first!), times);
}

/** A text is read; the size of the result is that of the text where `sized`. */
function estimateReading(sized: boolean): (call: EstimatedCall) => CallEstimate | undefined {
  return ({ args, sizeOf }) => {
    if (args.length === 0 || (sized && args.length !== 1)) return undefined;
    const size = sizeOf(args[0]!);
    return sized ? { cost: traversalRange(size), resultSize: size } : { cost: traversalRange(size) };
  };
}

function estimateTextChange({ target, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target) return undefined;
  const size = sizeOf(target);
  return { cost: traversalRange(size), resultSize: size };
}

/** A requirement takes two characters at least, a list and an object. */
function selectorCost(length: Range): CostRange {
  const requirements = scaleRange(scaleRange(length, 0.5), LIST_CREATE_COST + STRUCT_CREATE_COST);
  return addRanges(addRanges(fixed(LIST_CREATE_COST), traversalRange(length)), requirements);
}

function estimateSelector({ args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  return args.length === 1 ? { cost: selectorCost(sizeOf(args[0]!)) } : undefined;
}

function trackSelector([, selector]: readonly CelValue[]): number | undefined {
  return selector === undefined ? undefined : selectorCost(fixed(costSize(selector))).max;
}

/** Each element is looked at; texts and bytes are gone through. */
function estimateListScan({ target, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target) return undefined;
  const element = elementOf(target);
  if (!element) return { cost: traversalRange(sizeOf(target)) };
  const text = element.type.kind === 'string' || element.type.kind === 'bytes';
  const each = text ? addRanges(fixed(1), traversalRange(sizeOf(element))) : fixed(1);
  return { cost: multiplyRanges(sizeOf(target), each) };
}

/** The elements of a list, as a node whose size the schema may bound. */
function elementOf(list: CostNode): CostNode | undefined {
  const type = list.type.params[0];
  if (!type) return undefined;
  return { type, path: list.path && [...list.path, '@items'], literal: undefined, computedSize: undefined };
}

function trackListScan([list]: readonly CelValue[]): number {
  return list === undefined ? 0 : treeCost(list);
}

/** The cost of going through a value with all that is in it. */
function treeCost(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * STRING_TRAVERSAL_FACTOR);
  if (value instanceof Uint8Array) return Math.floor(value.length * STRING_TRAVERSAL_FACTOR);
  let cost = 0;
  if (value instanceof ListValue) for (const element of value) cost += treeCost(element);
  else if (value instanceof MapValue)
    for (const key of value.keys()) cost += treeCost(key) + treeCost(value.find(key)!);
  else return 1;
  return cost;
}

function estimateReplace({ target, args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target || args.length < 2) return undefined;
  const [text, old, replacement] = [sizeOf(target), sizeOf(args[0]!), sizeOf(args[1]!)];
  const longest = replacedSize(text.max, old.min, replacement.max <= old.min);
  const shortest = replacedSize(text.min, old.max, old.max <= replacement.min);
  const count = { min: shortest.count, max: longest.count };
  const kept = { min: shortest.kept, max: longest.kept };
  return { cost: traversalRange(text, 2), resultSize: addRanges(multiplyRanges(count, replacement), kept) };
}

/** How often at most (or least) something is replaced in a text, and how much of the text stays. */
function replacedSize(text: number, old: number, keepsLength: boolean): { count: number; kept: number } {
  if (old === 0) return { count: text < UNBOUNDED ? text + 1 : text, kept: text };
  return keepsLength ? { count: 0, kept: text } : { count: Math.ceil(text / old), kept: 0 };
}

function estimateSplit({ target, args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target) return undefined;
  const size = sizeOf(target);
  const limit = args[1]?.literal;
  const max = typeof limit === 'bigint' ? Number(BigInt.asUintN(64, limit)) : size.max;
  return { cost: traversalRange(size, 2), resultSize: { min: 0, max } };
}

function estimateJoin({ target, args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target) return undefined;
  const list = sizeOf(target);
  const element = elementOf(target);
  let size: SizeRange = element ? multiplyRanges(list, sizeOf(element)) : fixed(0);
  if (args[0]) {
    const separators = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
    size = addRanges(size, multiplyRanges(sizeOf(args[0]), separators));
  }
  return { cost: traversalRange(size), resultSize: size };
}

/** An empty text costs as one of a character: a pattern is not free. */
function estimateFind({ target, args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (!target || args.length === 0) return undefined;
  const size = sizeOf(target);
  const text = traversalRange(addRanges(size, fixed(1)));
  const pattern = scaleRange(sizeOf(args[0]!), REGEX_LENGTH_FACTOR);
  return { cost: multiplyRanges(text, pattern), resultSize: { min: 0, max: size.max } };
}

function patternCost(text: number, pattern: number): number {
  return Math.ceil((1 + text) * STRING_TRAVERSAL_FACTOR) * Math.ceil(pattern * REGEX_LENGTH_FACTOR);
}

function trackFind([text, pattern]: readonly CelValue[]): number | undefined {
  return pattern === undefined ? undefined : patternCost(costSize(text!), costSize(pattern));
}

/** The bytes of addresses of either family. */
const ADDRESS_SIZE: Range = { min: 4, max: 16 };

/** Addresses are compared, networks masked before, texts read. */
function estimateContains({ args, overloadId, sizeOf }: EstimatedCall, network: boolean): CallEstimate | undefined {
  if (args.length === 0) return undefined;
  let cost = traversalRange(addRanges(ADDRESS_SIZE, ADDRESS_SIZE));
  if (network) cost = addRanges(addRanges(cost, traversalRange(ADDRESS_SIZE)), fixed(1));
  if (overloadId.endsWith('_string')) cost = addRanges(cost, traversalRange(sizeOf(args[0]!)));
  return { cost };
}

function trackContainsIp([network, other]: readonly CelValue[], _: CelValue, overloadId: string): number {
  const cost = traversal(costSize(network!), 2);
  return overloadId === 'cidr_contains_ip_string' ? cost + traversal(costSize(other!), 1) : cost;
}

function trackContainsCidr([network, other]: readonly CelValue[], _: CelValue, overloadId: string): number {
  const cost = traversal(costSize(network!), 2) + traversal(costSize(network!), 1) + 1;
  return overloadId === 'cidr_contains_cidr_string' ? cost + traversal(costSize(other!), 1) : cost;
}

/** The longest pattern of a format of names, which stands for all. */
const NAME_PATTERN_LENGTH = 128;

function estimateValidate({ args, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (args.length === 0) return undefined;
  return { cost: scaleRange(traversalRange(sizeOf(args[0]!)), NAME_PATTERN_LENGTH * REGEX_LENGTH_FACTOR) };
}

function trackValidate([format, text]: readonly CelValue[]): number | undefined {
  return format instanceof NamedFormat ? patternCost(costSize(text!), format.patternLength) : undefined;
}

/** The longest name of a format. */
const FORMAT_NAME_LENGTH = 64;

/** What has a type of the libraries on both sides is compared at once; the others as cel-go does. */
function estimateEquality({ args }: EstimatedCall): CallEstimate | undefined {
  const [left, right] = args;
  if (!left || !right || !sameType(left.type, right.type)) return undefined;
  const { type } = left;
  if (type.name === FORMAT_TYPE.name) return { cost: traversalRange({ min: 1, max: FORMAT_NAME_LENGTH }) };
  if (type.name === 'kubernetes.URL') {
    return { cost: traversalRange({ min: 1, max: right.computedSize?.max ?? 1 }) };
  }
  return CHEAP_TYPES.has(type.name) ? { cost: fixed(1) } : undefined;
}

const CHEAP_TYPES: ReadonlySet<string> = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((n) => `kubernetes.authorization.${n}`),
]);
