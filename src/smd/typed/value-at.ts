import { compareElements, ElementKind, type KeyField, type PathElement } from '../fieldpath/path-element.ts';
import type { FieldPath } from '../fieldpath/path.ts';
import type { TypeRef } from '../schema/schema.ts';
import { equalValues, get, isMap, type Value } from '../value/value.ts';
import { listElement } from './list-element.ts';

/**
 * The part of a value that a path leads to; undefined where there is none. Of equal items of a list it is the first.
 *
 * @param type of the value; it knows what key fields that an item leaves out default to. The value need not fit it
 */
export function valueAt(value: Value | undefined, path: FieldPath, type?: TypeRef): Value | undefined {
  let at: Step = { value, type };
  for (const element of path) {
    if (at.value === undefined) return undefined;
    at = stepInto(at.value, element, at.type);
  }
  return at.value;
}

/** A value below another, with its type as far as that is known. */
interface Step {
  readonly value: Value | undefined;
  readonly type: TypeRef | undefined;
}

function stepInto(value: Value, element: PathElement, type: TypeRef | undefined): Step {
  const atom = type?.atom;
  if (element.kind === ElementKind.field) {
    const entryType = atom?.map?.fields.get(element.name)?.type ?? atom?.map?.elementType;
    return { value: isMap(value) ? get(value, element.name) : undefined, type: entryType };
  }
  const at = Array.isArray(value) ? itemIndex(value, element, type) : -1;
  return { value: at < 0 ? undefined : (value as Value[])[at], type: atom?.list?.elementType };
}

/** The place of the item that an element selects, negative where there is none; without a type, by the item itself. */
export function itemIndex(list: readonly Value[], element: PathElement, type: TypeRef | undefined): number {
  if (element.kind === ElementKind.index) return Number(element.value) < list.length ? Number(element.value) : -1;
  const listType = type?.atom?.list;
  if (listType?.associative) {
    return list.findIndex((item) => {
      const own = listElement(listType, item);
      return typeof own !== 'string' && compareElements(own, element) === 0;
    });
  }
  if (element.kind === ElementKind.value) return list.findIndex((item) => equalValues(item, element.value));
  return list.findIndex((item) => isMap(item) && element.key.every((field) => hasField(item, field)));
}

function hasField(item: Value, { name, value }: KeyField): boolean {
  return isMap(item) && equalValues(get(item, name), value);
}
