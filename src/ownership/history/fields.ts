import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import {
  compareValues,
  ElementKind,
  emptySet,
  fieldElement,
  type FieldPath,
  type FieldSet,
  keyElement,
  type PathElement,
  valueElement,
} from 'nekube/smd';
import { type Owner, readOwnership } from '../owners.ts';

/** A field that has a value of its own: a scalar, or what is atomic, or empty. */
export interface ObjectField {
  readonly path: FieldPath;
  readonly value: JsonValue;
  /** Who owns it: places in the object's list of owners. */
  readonly owners: readonly number[];
}

/** The fields of an object, and its owners. */
export interface ObjectFields {
  readonly owners: readonly Owner[];
  readonly fields: readonly ObjectField[];
  /** What is wrong with managedFields. */
  readonly problems: readonly string[];
}

/**
 * Takes an object apart into fields. How lists are to be taken is read from managedFields: where somebody owns items by key
 * or by value, each has its fields, whatever its place; any other list is one value. A struct that somebody owns as one is
 * one value, too.
 *
 * @param isLeftOut passes over a field, and all below it
 */
export function fieldsOf(object: KubeObject, isLeftOut: (path: FieldPath) => boolean = () => false): ObjectFields {
  const { owners, problems } = readOwnership(object);
  const fields: ObjectField[] = [];
  const sets: Sets = owners.map((owner) => ({ set: owner.fields, isMember: false }));
  const walk = new Walk(fields, isLeftOut);
  for (const [name, value] of Object.entries(object as unknown as JsonObject)) {
    if (name === 'apiVersion' || name === 'kind' || value === undefined) continue;
    const element = fieldElement(name);
    walk.value([element], value, below(sets, element));
  }
  return { owners, fields, problems };
}

/** What each owner has at a place: whether the place itself, and what below it. */
type Sets = readonly { readonly set: FieldSet; readonly isMember: boolean }[];

/** Below what nobody owns parts of. */
const nobody: Sets = [];

function below(sets: Sets, element: PathElement): Sets {
  if (sets.every(({ set }) => set.empty)) return nobody;
  return sets.map(({ set }) => {
    const node = set.empty ? undefined : set.node(element);
    return { set: node?.children ?? emptySet, isMember: node?.member ?? false };
  });
}

/** What is nested deeper is one value: managedFields say nothing of it, and an object must not end who watches it. */
const MOST_DEEP = 500;

class Walk {
  readonly #fields: ObjectField[];
  readonly #isLeftOut: (path: FieldPath) => boolean;

  constructor(fields: ObjectField[], isLeftOut: (path: FieldPath) => boolean) {
    this.#fields = fields;
    this.#isLeftOut = isLeftOut;
  }

  value(path: FieldPath, value: JsonValue, sets: Sets): void {
    if (this.#isLeftOut(path)) return;
    if (path.length >= MOST_DEEP) return this.#add(path, value, sets);
    const isDivided = sets.some(({ set }) => !set.empty);
    const isOwnedAsOne = !isDivided && sets.some(({ isMember }) => isMember);
    if (isJsonObject(value) && !isOwnedAsOne && Object.keys(value).length > 0) this.#map(path, value, sets);
    else if (Array.isArray(value) && isDivided && value.length > 0) this.#list(path, value, sets);
    else this.#add(path, value, sets);
  }

  #map(path: FieldPath, map: JsonObject, sets: Sets): void {
    for (const [name, value] of Object.entries(map)) {
      const element = fieldElement(name);
      if (value !== undefined) this.value([...path, element], value, below(sets, element));
    }
  }

  #list(path: FieldPath, list: readonly JsonValue[], sets: Sets): void {
    const shape = sets.flatMap(({ set }) => set.nodes[0]?.element ?? [])[0]!;
    const elements = list.map((item) => elementOf(item, shape));
    if (elements.some((element) => element === undefined)) return this.#add(path, list as JsonValue, sets);
    for (const [i, item] of list.entries()) {
      const element = elements[i]!;
      const itemSets = below(sets, element);
      if (element.kind === ElementKind.value) this.#add([...path, element], item, itemSets);
      else this.value([...path, element], item, itemSets);
    }
  }

  #add(path: FieldPath, value: JsonValue, sets: Sets): void {
    const owners = sets.flatMap(({ set, isMember }, i) => (isMember || !set.empty ? [i] : []));
    this.#fields.push({ path, value, owners });
  }
}

/** How an item is told from others, as another of the list is; undefined: it cannot be. */
function elementOf(item: JsonValue, shape: PathElement): PathElement | undefined {
  if (shape.kind === ElementKind.value) return valueElement(item);
  if (shape.kind !== ElementKind.key || !isJsonObject(item)) return undefined;
  const key = shape.key.map(({ name }) => ({ name, value: item[name] }));
  return key.some(({ value }) => value === undefined) ? undefined : keyElement(key as never);
}

/** Whether two fields have the same value; the order of an object's keys means nothing. */
export function isSameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compareValues(a as never, b as never) === 0;
}
