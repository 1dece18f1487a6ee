import { fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import { emptySet, type FieldNode, FieldSet } from '../fieldpath/set.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { isEmptyMap, isMap, type Value, type ValueMap } from '../value/value.ts';
import { ElementIndex } from './element-index.ts';
import { listElement } from './list-element.ts';
import { unusable } from './validate.ts';
import { ViolationList, type Violations } from './violations.ts';

/** What a value has below it, or that it is a leaf: a scalar, or something atomic. */
type Fields = FieldSet | 'leaf';

/**
 * The paths of all leaves and list items that a value mentions: what its applier comes to own.
 *
 * A struct field that holds a map or list is not a member itself, unless it is null or an empty map. Items of
 * associative lists and entries of maps always are. Of equal list items only the element is a member.
 */
export function toFieldSet(value: Value | undefined, type: TypeRef): FieldSet | Violations {
  const errors = new ViolationList();
  const fields = fieldsOf(value, type, errors);
  return errors.result() ?? (fields === 'leaf' ? emptySet : fields);
}

function fieldsOf(value: Value | undefined, type: TypeRef, errors: ViolationList): Fields {
  const atom = type.atom;
  const shape = atom === undefined ? 0 : narrow(atom, value);
  if (shape & Shape.map) return fieldsOfMap(value, atom!.map!, errors);
  if (shape & Shape.scalar) return 'leaf';
  if (shape & Shape.list) return fieldsOfList(value, atom!.list!, errors);
  errors.add(unusable(type));
  return emptySet;
}

function fieldsOfMap(value: Value | undefined, type: MapType, errors: ViolationList): Fields {
  if (type.atomic) return 'leaf';
  return isMap(value) ? fieldsOfEntries(value, type, errors) : emptySet;
}

function fieldsOfEntries(map: ValueMap, type: MapType, errors: ViolationList): FieldSet {
  const nodes: FieldNode[] = [];
  for (const key of Object.keys(map)) {
    const value = map[key]!;
    const field = type.fields.get(key);
    const entryType = field === undefined ? type.elementType : field.type;
    if (entryType === undefined) continue;
    const below = fieldsOf(value, entryType, errors);
    const bare = value === null || (isMap(value) && isEmptyMap(value));
    add(nodes, field === undefined ? fieldElement(key) : field.element, below, bare || field === undefined);
  }
  return FieldSet.ofNodes(nodes);
}

function fieldsOfList(value: Value | undefined, type: ListType, errors: ViolationList): Fields {
  if (type.atomic) return 'leaf';
  if (!Array.isArray(value) || value.length === 0) return emptySet;
  const nodes: FieldNode[] = [];
  const items = itemsByElement(value, type);
  for (const [i, element] of items.elements.entries()) {
    const { item, repeated } = items.values[i]!;
    if (repeated) nodes.push({ element, member: true, children: undefined });
    else add(nodes, element, fieldsOf(item, type.elementType, errors), true);
  }
  return FieldSet.ofNodes(nodes);
}

function itemsByElement(list: readonly Value[], type: ListType): ElementIndex<{ item: Value; repeated: boolean }> {
  const items = new ElementIndex<{ item: Value; repeated: boolean }>();
  for (const item of list) {
    const element = listElement(type, item);
    // validation has refused items without an element
    if (typeof element === 'string') continue;
    const known = items.get(element);
    if (known === undefined) items.add(element, { item, repeated: false });
    else known.repeated = true;
  }
  return items;
}

function add(nodes: FieldNode[], element: PathElement, below: Fields, member: boolean): void {
  const leaf = below === 'leaf';
  const children = leaf || below.empty ? undefined : below;
  if (leaf || member || children !== undefined) nodes.push({ element, member: leaf || member, children });
}
