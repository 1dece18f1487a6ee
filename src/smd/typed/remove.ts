import { fieldElement } from '../fieldpath/path-element.ts';
import { type FieldNode, FieldSet } from '../fieldpath/set.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { isEmptyMap, isMap, put, type Value, type ValueMap } from '../value/value.ts';
import { listElement } from './list-element.ts';

/** The value without the items and fields of a set; a container that loses all of them becomes null. */
export function removeFrom(value: Value, set: FieldSet, type: TypeRef): Value {
  return pick(value, set, type, false);
}

/** Only the items and fields of a set. */
export function extractFrom(value: Value, set: FieldSet, type: TypeRef): Value {
  return pick(value, set, type, true);
}

function pick(value: Value, set: FieldSet, type: TypeRef, extract: boolean): Value {
  const atom = type.atom;
  const shape = atom === undefined ? 0 : narrow(atom, value);
  if (shape & Shape.map) return isMap(value) ? pickEntries(value, set, atom!.map!, extract) : null;
  if (shape & Shape.scalar) return value;
  if (shape & Shape.list) return Array.isArray(value) ? pickItems(value, set, atom!.list!, extract) : null;
  return null;
}

function pickItems(list: Value[], set: FieldSet, type: ListType, extract: boolean): Value {
  // what is atomic, or has nothing in it, is taken whole
  if (list.length === 0 || type.atomic) return extract ? list : null;
  const out: Value[] = [];
  for (const item of list) {
    const element = listElement(type, item);
    const node = typeof element === 'string' ? undefined : set.node(element);
    if (node?.member && !extract) continue;
    if (node === undefined && extract) continue;
    out.push(node?.children ? pick(item, node.children, type.elementType, extract) : item);
  }
  return out.length === 0 ? null : out;
}

function pickEntries(map: ValueMap, set: FieldSet, type: MapType, extract: boolean): Value {
  if (isEmptyMap(map) || type.atomic) return extract ? map : null;
  const out: ValueMap = {};
  for (const key of Object.keys(map)) {
    const field = type.fields.get(key);
    const element = field === undefined ? fieldElement(key) : field.element;
    const picked = pickEntry(map[key]!, set, set.node(element), field?.type ?? type.elementType, extract);
    if (picked !== undefined) put(out, key, picked);
  }
  return isEmptyMap(out) ? null : out;
}

/** What becomes of an entry; undefined when it goes. */
function pickEntry(
  value: Value,
  level: FieldSet,
  node: FieldNode | undefined,
  type: TypeRef | undefined,
  extract: boolean,
): Value | undefined {
  if (node?.member) {
    if (!extract) return undefined;
    // structured-merge-diff goes on with the set of this level, not with the one below; so must we
    return type === undefined ? null : pick(value, level, type, true);
  }
  if (node?.children) return type === undefined ? null : pick(value, node.children, type, extract);
  return extract ? undefined : value;
}
