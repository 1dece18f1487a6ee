import { formatGoValue, goTypeName } from './go-format.ts';
import { PatchError } from './patch-error.ts';
import { badType, unknownDirective } from './strategic-merge.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** Merges an element of a patch into the element of the same key; changes and returns the original. */
export type MergeElements = (original: JsonObject, patch: JsonObject) => JsonObject;

/** A list and its patch. */
export interface ListMerge {
  /** Changed in place. */
  readonly original: JsonValue[];
  readonly patch: JsonValue[];
  /** Empty for lists of scalars. */
  readonly mergeKey: string;
  readonly mergeElements: MergeElements;
  /** The patch names scalars to delete. */
  readonly isDeletion: boolean;
}

/** Merges two lists: scalars as sets, objects by their key; elements of the patch stand in the patch's order. */
export function mergeList({ original, patch, mergeKey, mergeElements, isDeletion }: ListMerge): JsonValue[] {
  if (original.length === 0 && patch.length === 0) return original;
  if (!ofObjects(original, patch)) {
    if (isDeletion) return deleteScalars(original, patch);
    return order(withoutDuplicates([...original, ...patch]), patch, original, mergeKey, false);
  }
  if (mergeKey === '') throw failed('cannot merge lists without merge key for struct');
  const { rest, changes, replaced } = obeyDirectives(original as JsonObject[], patch as JsonObject[], mergeKey);
  const merged = mergeByKey(rest, changes, mergeKey, mergeElements);
  // elements of the old list keep their order in it; what was merged in has no place there yet
  return order(merged, replaced ? [] : changes, rest, mergeKey, true);
}

/** A list that a `$setElementOrder` directive orders. */
export interface OrderedMerge {
  readonly original: JsonValue[] | undefined;
  readonly patch: JsonValue[] | undefined;
  readonly order: JsonValue[];
  readonly mergeKey: string;
  /** The field's strategy is to merge; otherwise the patch replaces the original. */
  readonly merges: boolean;
  readonly mergeElements: MergeElements;
  readonly withoutDirectives: (list: JsonValue[]) => JsonValue[];
}

/**
 * Merges a list and orders it as the directive says: first by the directive, then by the live list.
 *
 * Undefined when there is nothing to order.
 */
export function orderByDirective(merge: OrderedMerge): JsonValue[] | undefined {
  const { original, patch, order: wanted, mergeKey, mergeElements } = merge;
  checkOrder(patch ?? [], wanted, mergeKey);
  if (original === undefined && patch === undefined) return undefined;
  const before = [...(original ?? [])];
  let merged: JsonValue[];
  if (original === undefined) merged = merge.withoutDirectives(patch!);
  else if (patch === undefined) merged = original;
  else
    merged = merge.merges
      ? mergeList({ original: [...original], patch, mergeKey, mergeElements, isDeletion: false })
      : patch;
  const objects = ofObjects(before, patch ?? []);
  const live = merge.merges && patch !== undefined ? asGoLeavesIt(before, merged, patch, mergeKey) : before;
  return order(merged, wanted, live, mergeKey, objects);
}

/**
 * The live list as the merge leaves it in Go, where deletions and additions write to the same array: what is added
 * takes the place of what was deleted, and so has a place in the live order.
 */
function asGoLeavesIt(live: JsonValue[], merged: JsonValue[], patch: JsonValue[], mergeKey: string): JsonValue[] {
  if (mergeKey === '') return live;
  const keys = new Set(merged.map((item) => keyOf(item, mergeKey)));
  const kept = live.filter((item) => keys.has(keyOf(item, mergeKey)) && !isDeleted(item, patch, mergeKey));
  const known = new Set(kept.map((item) => keyOf(item, mergeKey)));
  const added = patch.filter(
    (item) => isJsonObject(item) && !Object.hasOwn(item, '$patch') && !known.has(keyOf(item, mergeKey)),
  );
  return [...kept, ...added.slice(0, live.length - kept.length)];
}

function isDeleted(item: JsonValue, patch: JsonValue[], mergeKey: string): boolean {
  const key = keyOf(item, mergeKey);
  return patch.some((change) => isJsonObject(change) && change.$patch === 'delete' && change[mergeKey] === key);
}

function keyOf(item: JsonValue, mergeKey: string): JsonValue | undefined {
  return isJsonObject(item) ? item[mergeKey] : undefined;
}

function failed(message: string): PatchError {
  return new PatchError('failed', message);
}

function noMergeKey(item: JsonObject, mergeKey: string): PatchError {
  return failed(`map: ${formatGoValue(item)} does not contain declared merge key: ${mergeKey}`);
}

/** Whether the elements are objects; all must be of the type of the first, and that no list. */
function ofObjects(...lists: JsonValue[][]): boolean {
  const [first, ...others] = lists.flat();
  if (first === undefined) throw failed('no elements in any of the given slices');
  if (first === null) throw new PatchError('panic', 'a null in a list that is merged');
  if (Array.isArray(first)) throw new PatchError('rejected', 'lists of lists are not supported');
  const type = goTypeName(first);
  if (others.some((item) => goTypeName(item) !== type))
    throw failed(`list element types are not identical: [${lists.map(formatGoValue).join(' ')}]`);
  return isJsonObject(first);
}

function deleteScalars(list: JsonValue[], deletions: JsonValue[]): JsonValue[] {
  const deleted = new Set(deletions);
  return list.filter((item) => !deleted.has(item));
}

/** Drops duplicates; the last element takes the place of one that is dropped, as upstream. */
function withoutDuplicates(list: JsonValue[]): JsonValue[] {
  const seen = new Set<JsonValue>();
  for (let i = 0; i < list.length; i++) {
    while (i < list.length && seen.has(list[i]!)) {
      list[i] = list.at(-1)!;
      list.pop();
    }
    if (i < list.length) seen.add(list[i]!);
  }
  return list;
}

interface Obeyed {
  /** The original without the deleted, or the patch that replaces it. */
  readonly rest: JsonObject[];
  /** The elements of the patch without directives. */
  readonly changes: JsonObject[];
  readonly replaced: boolean;
}

function obeyDirectives(original: JsonObject[], patch: JsonObject[], mergeKey: string): Obeyed {
  const changes: JsonObject[] = [];
  let rest = original;
  let replaced = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, '$patch')) changes.push(item);
    else if (item.$patch === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      rest = rest.filter((other) => !Object.hasOwn(other, mergeKey) || other[mergeKey] !== item[mergeKey]);
    } else if (item.$patch === 'replace') replaced = true;
    else if (item.$patch === 'merge') throw failed('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(item.$patch, item);
  }
  return replaced ? { rest: changes, changes: [], replaced } : { rest, changes, replaced };
}

function mergeByKey(original: JsonObject[], patch: JsonObject[], mergeKey: string, merge: MergeElements): JsonObject[] {
  const merged = [...original];
  for (const item of patch) {
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
    const i = merged.findIndex((other) => Object.hasOwn(other, mergeKey) && other[mergeKey] === item[mergeKey]);
    if (i < 0) merged.push(item);
    else merged[i] = merge(merged[i]!, item);
  }
  return merged;
}

/** Checks that the elements of the patch are in the directive, in the same order. */
function checkOrder(patch: JsonValue[], wanted: JsonValue[], mergeKey: string): void {
  if (wanted.length === 0 || patch.length === 0) return;
  const items = mergeKey === '' ? patch : patch.filter((item) => objectOf(item).$patch !== 'delete');
  let next = 0;
  for (const place of wanted) {
    while (next < items.length && isDirective(items[next]!)) next++;
    if (next >= items.length) return;
    if (sameKey(items[next]!, place, mergeKey)) next++;
  }
  if (next < items.length) {
    const message = `The order in patch list:\n${formatGoValue(patch)}\n doesn't match $setElementOrder list:\n${formatGoValue(wanted)}\n`;
    throw failed(message);
  }
}

function isDirective(item: JsonValue): boolean {
  return isJsonObject(item) && Object.hasOwn(item, '$patch');
}

function objectOf(item: JsonValue): JsonObject {
  if (isJsonObject(item)) return item;
  throw badType('map[string]interface {}', item);
}

function sameKey(left: JsonValue, right: JsonValue, mergeKey: string): boolean {
  return mergeKey === '' ? left === right : requiredKey(left, mergeKey) === requiredKey(right, mergeKey);
}

function requiredKey(item: JsonValue, mergeKey: string): JsonValue {
  const object = objectOf(item);
  if (!Object.hasOwn(object, mergeKey)) throw noMergeKey(object, mergeKey);
  return object[mergeKey]!;
}

/**
 * Orders a merged list: what `wanted` names in its order, the rest in the live order, and both woven together by the
 * live order where that knows both.
 */
function order(
  merged: JsonValue[],
  wanted: JsonValue[],
  live: JsonValue[],
  mergeKey: string,
  objects: boolean,
): JsonValue[] {
  if (!objects && mergeKey !== '' && merged.length > 0) throw badType('map[string]interface {}', merged[0]);
  const key = (item: JsonValue): JsonValue => (objects ? requiredKey(item, mergeKey) : item);
  const wantedRanks = ranksOf(wanted, key);
  const liveRanks = ranksOf(live, key);
  const named = merged.filter((item) => wantedRanks.has(key(item)));
  const others = merged.filter((item) => !wantedRanks.has(key(item)));
  return weave(sortByRank(others, liveRanks, key), sortByRank(named, wantedRanks, key), liveRanks, key);
}

type Ranks = ReadonlyMap<JsonValue, number>;

function ranksOf(list: JsonValue[], key: (item: JsonValue) => JsonValue): Ranks {
  const ranks = new Map<JsonValue, number>();
  list.forEach((item, i) => {
    if (!ranks.has(key(item))) ranks.set(key(item), i);
  });
  return ranks;
}

/** A stable sort by insertion; elements without a rank go before what stands in front of them, as upstream. */
function sortByRank(list: JsonValue[], ranks: Ranks, key: (item: JsonValue) => JsonValue): JsonValue[] {
  const rank = (item: JsonValue) => ranks.get(key(item));
  if (list.every((item) => rank(item) !== undefined)) return [...list].sort((a, b) => rank(a)! - rank(b)!);
  const sorted: JsonValue[] = [];
  for (const item of list) {
    let i = sorted.length;
    for (; i > 0; i--) {
      const [mine, other] = [rank(item), rank(sorted[i - 1]!)];
      if (mine !== undefined && other !== undefined && mine >= other) break;
    }
    sorted.splice(i, 0, item);
  }
  return sorted;
}

/** Merges two lists; an element of the left goes first only where the live order has it before that of the right. */
function weave(left: JsonValue[], right: JsonValue[], ranks: Ranks, key: (item: JsonValue) => JsonValue): JsonValue[] {
  const woven: JsonValue[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    const [l, r] = [ranks.get(key(left[i]!)), ranks.get(key(right[j]!))];
    woven.push(l !== undefined && r !== undefined && l < r ? left[i++]! : right[j++]!);
  }
  return [...woven, ...left.slice(i), ...right.slice(j)];
}
