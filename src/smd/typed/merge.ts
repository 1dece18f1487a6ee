import { fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { get, isEmptyMap, isMap, put, type Value, type ValueMap } from '../value/value.ts';
import { ElementIndex } from './element-index.ts';
import { listElement } from './list-element.ts';
import { checkScalar, unusable } from './validate.ts';
import { ViolationList, Violations } from './violations.ts';

/**
 * Merges `right` into `left`: leaves of both come from `right`, nothing is removed, and a container that `right` changes
 * takes the order of `right`. The result shares with its operands what it does not change.
 *
 * Both must have been validated; equal items in lists of `right` are violations.
 *
 * @param distinct `right` is known to have no equal list items: parts that only it has are taken without a look
 */
export function mergeValues(
  left: Value | undefined,
  right: Value | undefined,
  type: TypeRef,
  distinct: boolean,
): Value | undefined | Violations {
  if (left === undefined && right === undefined) return Violations.of('at least one of lhs and rhs must be provided');
  const errors = new ViolationList();
  const merged = new Merge(distinct).merge(left, right, type, errors);
  return errors.result() ?? merged;
}

class Merge {
  private readonly distinct: boolean;

  constructor(distinct: boolean) {
    this.distinct = distinct;
  }

  merge(left: Value | undefined, right: Value | undefined, type: TypeRef, errors: ViolationList): Value | undefined {
    if (right === undefined || (left === right && this.distinct)) return left;
    const atom = type.atom;
    const shape = atom === undefined ? 0 : narrow(atom, right);
    if (shape & Shape.map) return this.maps(left, right, atom!.map!, errors);
    if (shape & Shape.scalar) return this.scalars(left, right, atom!.scalar, errors);
    if (shape & Shape.list) return this.lists(left, right, atom!.list!, errors);
    errors.add(unusable(type));
    return undefined;
  }

  private scalars(left: Value | undefined, right: Value, type: string | undefined, errors: ViolationList): Value {
    const wrongRight = checkScalar(type, right);
    const wrongLeft = wrongRight === undefined ? undefined : checkScalar(type, left);
    if (wrongRight !== undefined && wrongLeft !== undefined) {
      errors.add(`lhs: ${wrongLeft}`);
      errors.add(`rhs: ${wrongRight}`);
    }
    return right;
  }

  private maps(left: Value | undefined, right: Value, type: MapType, errors: ViolationList): Value {
    if (type.atomic) return right;
    const leftEmpty = !isMap(left) || isEmptyMap(left);
    const rightEmpty = !isMap(right) || isEmptyMap(right);
    // two empty ones are a leaf, which keeps the difference between null and {}
    if (rightEmpty) return leftEmpty ? right : left;
    if (leftEmpty) return this.distinct ? right : this.entries({}, right, type, errors);
    return this.entries(left, right, type, errors);
  }

  private entries(left: ValueMap, right: ValueMap, type: MapType, errors: ViolationList): ValueMap {
    let out: ValueMap | undefined;
    for (const key of Object.keys(right)) {
      const before = get(left, key);
      const value = this.entry(key, before, right[key]!, type, errors);
      if (value === before) continue;
      out ??= copy(left);
      if (value === undefined) delete out[key];
      else put(out, key, value);
    }
    return out ?? left;
  }

  private entry(
    key: string,
    left: Value | undefined,
    right: Value,
    type: MapType,
    errors: ViolationList,
  ): Value | undefined {
    if (left === undefined && this.distinct) return right;
    const entryType = type.fields.get(key)?.type ?? type.elementType;
    // an unknown field is refused by validation; the schema may have lost one that is stored
    if (entryType === undefined) return right;
    const before = errors.length;
    const merged = this.merge(left, right, entryType, errors);
    if (errors.length > before) errors.prefix(before, fieldElement(key));
    return merged;
  }

  private lists(left: Value | undefined, right: Value, type: ListType, errors: ViolationList): Value | undefined {
    if (type.atomic) return right;
    const leftEmpty = !Array.isArray(left) || left.length === 0;
    const rightEmpty = !Array.isArray(right) || right.length === 0;
    if (rightEmpty) return leftEmpty ? right : left;
    if (leftEmpty) return this.distinct ? right : this.items([], right, type, errors);
    return this.items(left, right, type, errors);
  }

  private items(left: Value[], right: readonly Value[], type: ListType, errors: ViolationList): Value | undefined {
    const before = errors.length;
    const rightItems = itemsOf(right, type, false, errors);
    const leftItems = itemsOf(left, type, true, errors);
    if (errors.length > before) return undefined;
    const mergeItem = (a: Value | undefined, b: Value) =>
      // defects below list items are not reported, as in structured-merge-diff
      this.merge(a, b, type.elementType, new ViolationList());
    const merged = new ListMerge(left, leftItems, rightItems, mergeItem).run();
    return sameItems(merged, left) ? left : merged;
  }
}

function copy(map: ValueMap): ValueMap {
  const out: ValueMap = {};
  for (const key of Object.keys(map)) put(out, key, map[key]!);
  return out;
}

/** The items of a list by their elements; an element that occurs more than once has no item to merge with. */
interface Items {
  readonly elements: readonly PathElement[];
  readonly byElement: ElementIndex<Value>;
}

function itemsOf(list: readonly Value[], type: ListType, allowDuplicates: boolean, errors: ViolationList): Items {
  const elements: PathElement[] = [];
  const byElement = new ElementIndex<Value>();
  for (const [i, item] of list.entries()) {
    const element = listElement(type, item);
    if (typeof element === 'string') {
      errors.add(`element ${i}: ${element}`);
      continue;
    }
    const at = byElement.find(element);
    if (at < 0) byElement.add(element, item);
    else if (allowDuplicates) byElement.values[at] = null;
    else {
      errors.add(`duplicate entries for key ${element}`);
      continue;
    }
    elements.push(element);
  }
  return { elements, byElement };
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/**
 * Interleaves two lists. Items of `right` keep their order; items that only `left` has stay behind the shared item
 * they came after. Items of both are placed where `right` has them.
 */
class ListMerge {
  private readonly left: readonly Value[];
  private readonly leftElements: readonly PathElement[];
  private readonly rightElements: readonly PathElement[];
  private readonly leftIndex: ElementIndex<Value>;
  private readonly rightIndex: ElementIndex<Value>;
  private readonly mergeItem: (left: Value | undefined, right: Value) => Value | undefined;
  /** By places in the right index: which items are in the output already. */
  private readonly merged: boolean[] = [];
  /** Places in the right index of the shared items, in their order, and which of them comes next. */
  private readonly shared: number[] = [];
  private next = 0;
  private readonly out: Value[] = [];

  constructor(
    left: readonly Value[],
    leftItems: Items,
    rightItems: Items,
    mergeItem: (left: Value | undefined, right: Value) => Value | undefined,
  ) {
    this.left = left;
    this.leftElements = leftItems.elements;
    this.rightElements = rightItems.elements;
    this.leftIndex = leftItems.byElement;
    this.rightIndex = rightItems.byElement;
    this.mergeItem = mergeItem;
    for (const [place, element] of this.rightElements.entries()) {
      if (this.leftIndex.find(element) >= 0) this.shared.push(place);
    }
  }

  run(): Value[] {
    const places = this.leftElements.map((element) => this.rightIndex.find(element));
    let l = 0;
    let r = 0;
    while (l < places.length || r < this.rightElements.length) {
      const place = places[l];
      if (place !== undefined && r < this.rightElements.length) {
        if (place === r) {
          this.takeRight(r++);
          this.next++;
          l++;
          continue;
        }
        // shared, but not the one that is due in this round
        if (place >= 0 && this.next < this.shared.length && this.shared[this.next] !== place) {
          l++;
          continue;
        }
      }
      if (place !== undefined) {
        if (place < 0) {
          this.out.push(this.left[l++]!);
          continue;
        }
        if (this.merged[place]) l++;
      }
      if (r < this.rightElements.length) {
        if (this.shared[this.next] === r) this.next++;
        this.takeRight(r++);
      }
    }
    return this.out;
  }

  private takeRight(place: number): void {
    this.merged[place] = true;
    const element = this.rightElements[place]!;
    const merged = this.mergeItem(this.leftIndex.get(element), this.rightIndex.values[place]!);
    if (merged !== undefined) this.out.push(merged);
  }
}
