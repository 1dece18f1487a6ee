import { type KeyField, keyElement, PathElement, valueElement } from '../fieldpath/path-element.ts';
import type { ListType } from '../schema/schema.ts';
import { quoteAll } from '../value/go-format.ts';
import { get, isMap, type Value } from '../value/value.ts';

/** The element that selects an item of an associative list, or a text that says why there is none. */
export function listElement(list: ListType, item: Value): PathElement | string {
  if (!list.associative) return 'invalid indexing of non-associative list';
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item);
}

function setElement(item: Value): PathElement | string {
  if (item === null) return "associative list without keys has an element that's an explicit null";
  if (typeof item !== 'object') return valueElement(item);
  return Array.isArray(item)
    ? 'not supported: associative list with lists as elements'
    : "associative list without keys has an element that's a map type";
}

/** A key field that is missing and has no default is left out: such an item is another one than those that have it. */
function keyedElement(list: ListType, item: Value): PathElement | string {
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isMap(item)) return 'associative list with keys may not have non-map elements';
  const key: KeyField[] = [];
  for (const name of list.keys) {
    let value = get(item, name);
    if (value === undefined) {
      const atom = list.elementType.atom;
      if (atom?.map === undefined) return noDefault(name, atom !== undefined);
      value = atom.map.fields.get(name)?.default;
    }
    if (value !== undefined) key.push({ name, value });
  }
  if (key.length === 0) return omitsKeys(list);
  return keyElement(key);
}

function noDefault(name: string, resolved: boolean): string {
  const why = resolved ? 'associative list may not have non-map types' : 'invalid elementType for list';
  return `couldn't find default value for ${name}: ${why}`;
}

function omitsKeys(list: ListType): string {
  const keys = quoteAll(list.keys);
  return `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`;
}
