import { ElementKind, fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import type { FieldPath } from '../fieldpath/path.ts';
import { type FieldNode, FieldSet } from '../fieldpath/set.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { listElement } from '../typed/list-element.ts';
import { TypedValue } from '../typed/typed-value.ts';
import { itemIndex, valueAt } from '../typed/value-at.ts';
import { get, isEmptyMap, isMap, put, type Value, type ValueMap } from '../value/value.ts';
import { type Decision, keepsLiveValue } from './decision.ts';

/**
 * The configuration that carries decisions out: without what yields, and with the live value of what is shared; what the
 * live object does not have cannot be shared, and yields. Of what fails or is forced, it stays as it is.
 *
 * @param live the object in the version of the configuration; it need not fit its type
 */
export function decidedConfig(
  config: TypedValue,
  live: Value | undefined,
  decided: readonly { readonly path: FieldPath; readonly decision: Decision }[],
): TypedValue {
  const left: FieldPath[] = [];
  let edited = config;
  for (const { path, decision } of decided) {
    if (!keepsLiveValue(decision)) continue;
    const value = decision === 'share' ? valueAt(live, path, config.type) : undefined;
    if (value === undefined) left.push(path);
    else edited = withValueAt(edited, path, value);
  }
  return leaveOut(edited, FieldSet.of(...left));
}

/**
 * A configuration without some of its paths. What becomes empty by that goes too, so that nothing is claimed that is not
 * stated; an item of a list stays as long as its key does. What is empty already stays.
 */
export function leaveOut(config: TypedValue, paths: FieldSet): TypedValue {
  if (paths.empty) return config;
  const left = without(config.value ?? null, paths, config.type);
  return new TypedValue(left ?? {}, config.type);
}

/** A configuration with another value at a path that it has; as it is where it does not have the path. */
export function withValueAt(config: TypedValue, path: FieldPath, value: Value): TypedValue {
  const changed = replaced(config.value, path, 0, config.type, value);
  return changed === undefined || changed === config.value ? config : new TypedValue(changed, config.type);
}

/** What is left of a value; undefined when it lost everything. */
function without(value: Value, paths: FieldSet, type: TypeRef | undefined): Value | undefined {
  const atom = type?.atom;
  const shape = atom === undefined ? 0 : narrow(atom, value);
  if (shape & Shape.map && isMap(value)) return entriesWithout(value, paths, atom!.map!);
  if (shape & Shape.list && Array.isArray(value)) return itemsWithout(value, paths, atom!.list!);
  return value;
}

function entriesWithout(map: ValueMap, paths: FieldSet, type: MapType): Value | undefined {
  if (type.atomic || isEmptyMap(map)) return map;
  const out: ValueMap = {};
  for (const key of Object.keys(map)) {
    const left = below(map[key]!, paths.node(fieldElement(key)), type.fields.get(key)?.type ?? type.elementType);
    if (left !== undefined) put(out, key, left);
  }
  return isEmptyMap(out) ? undefined : out;
}

function itemsWithout(list: readonly Value[], paths: FieldSet, type: ListType): Value | undefined {
  if (type.atomic || list.length === 0) return list as Value[];
  const out = list.flatMap((item) => {
    const element = listElement(type, item);
    const left = below(item, typeof element === 'string' ? undefined : paths.node(element), type.elementType);
    return left === undefined ? [] : [left];
  });
  return out.length === 0 ? undefined : out;
}

function below(value: Value, node: FieldNode | undefined, type: TypeRef | undefined): Value | undefined {
  if (node === undefined) return value;
  if (node.member) return undefined;
  return without(value, node.children!, type);
}

function replaced(
  value: Value | undefined,
  path: FieldPath,
  at: number,
  type: TypeRef | undefined,
  to: Value,
): Value | undefined {
  const element = path[at];
  if (element === undefined) return to;
  return element.kind === ElementKind.field
    ? replacedEntry(value, path, at, type, to)
    : replacedItem(value, element, path, at, type, to);
}

function replacedEntry(
  map: Value | undefined,
  path: FieldPath,
  at: number,
  type: TypeRef | undefined,
  to: Value,
): Value | undefined {
  const { name } = path[at]!;
  const entry = isMap(map) ? get(map, name) : undefined;
  if (entry === undefined) return undefined;
  const mapType = type?.atom?.map;
  const changed = replaced(entry, path, at + 1, mapType?.fields.get(name)?.type ?? mapType?.elementType, to);
  if (changed === undefined) return undefined;
  const out: ValueMap = { ...(map as ValueMap) };
  put(out, name, changed);
  return out;
}

function replacedItem(
  list: Value | undefined,
  element: PathElement,
  path: FieldPath,
  at: number,
  type: TypeRef | undefined,
  to: Value,
): Value | undefined {
  const place = Array.isArray(list) ? itemIndex(list, element, type) : -1;
  if (place < 0) return undefined;
  const changed = replaced((list as Value[])[place], path, at + 1, type?.atom?.list?.elementType, to);
  return changed === undefined ? undefined : (list as Value[]).with(place, changed);
}
