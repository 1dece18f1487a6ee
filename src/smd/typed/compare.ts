import { fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import type { FieldFilter } from '../fieldpath/filter.ts';
import { emptySet, type FieldNode, FieldSet } from '../fieldpath/set.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { equalValues, get, isEmptyMap, isMap, type Value, type ValueMap } from '../value/value.ts';
import { ElementIndex } from './element-index.ts';
import { listElement } from './list-element.ts';
import { checkScalar, unusable } from './validate.ts';
import { ViolationList, Violations } from './violations.ts';

/** What differs between two values. No path is in more than one of the sets. */
export interface Comparison {
  /** Only in the left. */
  readonly removed: FieldSet;
  /** In both, and different. */
  readonly modified: FieldSet;
  /** Only in the right. */
  readonly added: FieldSet;
}

/** Nothing differs. */
export const sameComparison: Comparison = { removed: emptySet, modified: emptySet, added: emptySet };

/** True when nothing differs. */
export function isSame(comparison: Comparison): boolean {
  return comparison.removed.empty && comparison.modified.empty && comparison.added.empty;
}

/** A comparison of the fields that pass a filter. */
export function filterComparison(comparison: Comparison, filter: FieldFilter | undefined): Comparison {
  if (filter === undefined || isSame(comparison)) return comparison;
  return {
    removed: filter(comparison.removed),
    modified: filter(comparison.modified),
    added: filter(comparison.added),
  };
}

/** Compares two values of a type, one of which may be missing. */
export function compareTyped(
  left: Value | undefined,
  right: Value | undefined,
  type: TypeRef,
): Comparison | Violations {
  if (left === undefined && right === undefined) return Violations.of('at least one of lhs and rhs must be provided');
  const errors = new ViolationList();
  const change = compare(left, right, type, errors);
  const defects = errors.result();
  if (defects !== undefined) return defects;
  if (change === undefined) return sameComparison;
  return { removed: setOf(change.removed), modified: setOf(change.modified), added: setOf(change.added) };
}

function setOf(nodes: FieldNode[] | undefined): FieldSet {
  return nodes === undefined ? emptySet : FieldSet.ofNodes(nodes);
}

const removedBit = 1;
const modifiedBit = 2;
const addedBit = 4;

/** What changed at a path (`self`, bits) and below it. Most paths have not changed and make none of these. */
interface Change {
  self: number;
  removed: FieldNode[] | undefined;
  modified: FieldNode[] | undefined;
  added: FieldNode[] | undefined;
}

function changed(self: number): Change {
  return { self, removed: undefined, modified: undefined, added: undefined };
}

function compare(
  left: Value | undefined,
  right: Value | undefined,
  type: TypeRef,
  errors: ViolationList,
): Change | undefined {
  if (left === right) return undefined;
  const atom = type.atom;
  const leftShape = atom === undefined ? 0 : narrow(atom, left);
  const rightShape = atom === undefined ? 0 : narrow(atom, right);
  let change: Change | undefined;
  if (right === undefined) change = compareAs(leftShape, left, right, type, errors);
  else {
    // a value that became one of another shape is compared as both
    if (left !== undefined && leftShape !== rightShape) change = compareAs(leftShape, left, right, type, errors);
    change = together(change, compareAs(rightShape, left, right, type, errors));
  }
  if (left === undefined) (change ??= changed(0)).self |= addedBit;
  else if (right === undefined) (change ??= changed(0)).self |= removedBit;
  return change;
}

function together(a: Change | undefined, b: Change | undefined): Change | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  a.self |= b.self;
  a.removed = concat(a.removed, b.removed);
  a.modified = concat(a.modified, b.modified);
  a.added = concat(a.added, b.added);
  return a;
}

function concat(a: FieldNode[] | undefined, b: FieldNode[] | undefined): FieldNode[] | undefined {
  return a === undefined || b === undefined ? (a ?? b) : [...a, ...b];
}

function compareAs(
  shape: number,
  left: Value | undefined,
  right: Value | undefined,
  type: TypeRef,
  errors: ViolationList,
): Change | undefined {
  if (shape & Shape.map) return compareMaps(left, right, type.atom!.map!, errors);
  if (shape & Shape.scalar) return compareScalars(left, right, type.atom!.scalar, errors);
  if (shape & Shape.list) return compareLists(left, right, type.atom!.list!, errors);
  errors.add(unusable(type));
  return undefined;
}

/** A leaf that both have is modified or the same; the caller notes one that was added or removed. */
function compareLeaf(left: Value | undefined, right: Value | undefined): Change | undefined {
  if (left === undefined || right === undefined || equalValues(left, right)) return undefined;
  return changed(modifiedBit);
}

function compareScalars(
  left: Value | undefined,
  right: Value | undefined,
  type: string | undefined,
  errors: ViolationList,
): Change | undefined {
  const wrongLeft = checkScalar(type, left);
  const wrongRight = wrongLeft === undefined ? undefined : checkScalar(type, right);
  if (wrongLeft === undefined || wrongRight === undefined) return compareLeaf(left, right);
  errors.add(`lhs: ${wrongLeft}`);
  errors.add(`rhs: ${wrongRight}`);
  return undefined;
}

function compareMaps(
  left: Value | undefined,
  right: Value | undefined,
  type: MapType,
  errors: ViolationList,
): Change | undefined {
  if (type.atomic) return compareLeaf(left, right);
  const leftMap = isMap(left) && !isEmptyMap(left) ? left : undefined;
  const rightMap = isMap(right) && !isEmptyMap(right) ? right : undefined;
  if (leftMap === undefined && rightMap === undefined) return compareLeaf(left, right);
  return compareEntries(leftMap ?? {}, rightMap ?? {}, type, errors);
}

function compareEntries(left: ValueMap, right: ValueMap, type: MapType, errors: ViolationList): Change | undefined {
  let change: Change | undefined;
  for (const key of Object.keys(left)) {
    const a = left[key]!;
    const b = get(right, key);
    if (a !== b) change = compareEntry(change, key, a, b, type, errors);
  }
  for (const key of Object.keys(right)) {
    if (get(left, key) === undefined) change = compareEntry(change, key, undefined, right[key]!, type, errors);
  }
  return change;
}

function compareEntry(
  change: Change | undefined,
  key: string,
  left: Value | undefined,
  right: Value | undefined,
  type: MapType,
  errors: ViolationList,
): Change | undefined {
  const field = type.fields.get(key);
  const entryType = field === undefined ? type.elementType : field.type;
  const element = field === undefined ? fieldElement(key) : field.element;
  const before = errors.length;
  let below: Change | undefined;
  if (entryType === undefined) errors.add('schema error: invalid atom: inlined');
  else below = compare(left, right, entryType, errors);
  if (errors.length > before) errors.prefix(before, element);
  return below === undefined ? change : adopt(change, element, below);
}

/** Adds what changed at and below an element to what changed around it. */
function adopt(change: Change | undefined, element: PathElement, below: Change): Change {
  const out = change ?? changed(0);
  if (below.self & removedBit || below.removed)
    (out.removed ??= []).push(node(element, below.self & removedBit, below.removed));
  if (below.self & modifiedBit || below.modified)
    (out.modified ??= []).push(node(element, below.self & modifiedBit, below.modified));
  if (below.self & addedBit || below.added) (out.added ??= []).push(node(element, below.self & addedBit, below.added));
  return out;
}

function node(element: PathElement, self: number, below: FieldNode[] | undefined): FieldNode {
  return { element, member: self !== 0, children: below && FieldSet.ofNodes(below) };
}

function compareLists(
  left: Value | undefined,
  right: Value | undefined,
  type: ListType,
  errors: ViolationList,
): Change | undefined {
  if (type.atomic) return compareLeaf(left, right);
  const leftList = Array.isArray(left) ? left : [];
  const rightList = Array.isArray(right) ? right : [];
  if (leftList.length === 0 && rightList.length === 0) return compareLeaf(left, right);
  return compareItems(leftList, rightList, type, errors);
}

/** The items of both lists with one element; more than one each where a list repeats it. */
interface Pair {
  readonly left: Value[];
  readonly right: Value[];
}

function compareItems(
  left: readonly Value[],
  right: readonly Value[],
  type: ListType,
  errors: ViolationList,
): Change | undefined {
  const pairs = new ElementIndex<Pair>();
  collect(left, 'left', type, pairs, errors);
  collect(right, 'right', type, pairs, errors);
  let change: Change | undefined;
  for (const [i, element] of pairs.elements.entries()) {
    const before = errors.length;
    const below = comparePair(pairs.values[i]!, type, errors);
    if (errors.length > before) errors.prefix(before, element);
    if (below !== undefined) change = adopt(change, element, below);
  }
  return change;
}

function collect(
  list: readonly Value[],
  side: 'left' | 'right',
  type: ListType,
  pairs: ElementIndex<Pair>,
  errors: ViolationList,
): void {
  for (const [i, item] of list.entries()) {
    const element = listElement(type, item);
    if (typeof element === 'string') {
      errors.add(`element ${i}: ${element}`);
      continue;
    }
    const pair = pairs.get(element);
    if (pair !== undefined) pair[side].push(item);
    else pairs.add(element, side === 'left' ? { left: [item], right: [] } : { left: [], right: [item] });
  }
}

/** Repeated items are compared as one; where they appear or vanish, the element alone stands for them. */
function comparePair({ left, right }: Pair, type: ListType, errors: ViolationList): Change | undefined {
  if (left.length <= 1 && right.length <= 1) return compare(left[0], right[0], type.elementType, errors);
  if (left.length >= 2 && right.length >= 2) return equalValues(left, right) ? undefined : changed(modifiedBit);
  const becameRepeated = right.length >= 2;
  const single = becameRepeated ? left[0] : right[0];
  const change = changed(becameRepeated ? addedBit : removedBit);
  if (single === undefined) return change;
  const one = becameRepeated
    ? compare(single, undefined, type.elementType, errors)
    : compare(undefined, single, type.elementType, errors);
  return together(change, one);
}
